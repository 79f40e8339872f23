import { createInterface } from 'node:readline/promises';
import pc from 'picocolors';
import { readTerminalTraits } from '../config/index.js';
import { usageError } from './cli-error.js';

/** Functions that colour a text, or leave it alone. */
export type Colours = ReturnType<typeof pc.createColors>;

/** Where a command writes: data to standard output, everything else to standard error. */
export interface Terminal {
  /** Writes data, as is. */
  out(text: string): void;
  /** Writes a line for people. */
  say(line: string): void;
  readonly outColours: Colours;
  readonly sayColours: Colours;
  /** True where motion is welcome: standard error is a terminal that can move its cursor. */
  readonly isLively: boolean;
  /** Asks before something is destroyed; away from a terminal only `--yes` answers. Throws when it may not go on. */
  confirm(question: string, yes: boolean | undefined): Promise<void>;
}

/** The terminal of this process. */
export function processTerminal(): Terminal {
  const { isDumb, refusesColour } = readTerminalTraits();
  const coloursOf = (stream: NodeJS.WriteStream): Colours =>
    pc.createColors(stream.isTTY && !isDumb && !refusesColour);
  return {
    out: (text) => void process.stdout.write(text),
    say: (line) => void process.stderr.write(`${line}\n`),
    outColours: coloursOf(process.stdout),
    sayColours: coloursOf(process.stderr),
    isLively: process.stderr.isTTY && !isDumb,
    confirm,
  };
}

async function confirm(question: string, yes: boolean | undefined): Promise<void> {
  if (yes === true) return;
  if (!process.stdin.isTTY || !process.stderr.isTTY) {
    throw usageError(`${question} Nobody is here to answer`, 'the same command with --yes');
  }
  const prompt = createInterface({ input: process.stdin, output: process.stderr });
  const answer = await prompt.question(`${question} [y/N] `);
  prompt.close();
  if (!/^y(es)?$/i.test(answer.trim())) throw usageError('not confirmed, nothing was done');
}
