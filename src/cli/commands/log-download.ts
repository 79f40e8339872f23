import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import type { CommandModule } from '../command.js';
import type { Client } from '../client/client.js';
import { addConnectOptions, connect, type ConnectOptions } from '../client/connect.js';
import { CliError, usageError } from '../cli-error.js';
import { findReferencedJob, parseJobReference } from '../job-reference.js';
import { type Build, listStepLogs, type StepLog } from '../operations.js';
import type { Terminal } from '../terminal.js';
import { lastAttempt } from '../watch/last-attempt.js';
import { saveLog } from '../watch/save-log.js';
import { stepNumberOf } from '../watch/step-reference.js';

interface Options extends ConnectOptions {
  readonly repo?: string;
  readonly step?: string;
  readonly dir?: string;
  readonly outFile?: string;
}

const HELP = `
Saves the bytes as the steps wrote them, one file a step (2-test.log), and prints the names of the files. Each is compared
with the SHA-256 that the server sends. Example: slipway log download 17 --step test -o test.log`;

export const command: CommandModule<Options> = {
  define(command) {
    addConnectOptions(command.argument('<build>', 'number, org/repo#number or job id'))
      .option('--repo <org/name>', 'the repo that the number belongs to')
      .option('--step <step>', 'of this step alone, by name or number')
      .option('--dir <directory>', 'where the files go (default: here)')
      .option('-o, --out-file <file>', 'name of the file, for the log of a single step')
      .addHelpText('after', HELP);
  },

  async run({ terminal }, [reference = ''], { repo, step, dir, outFile, ...options }) {
    if (outFile !== undefined && (step === undefined || dir !== undefined)) {
      throw usageError('--out-file is for one log: expected --step, and no --dir');
    }
    const parsed = parseJobReference(reference, repo);
    const client = await connect(options);
    const build = lastAttempt(await findReferencedJob(client, parsed));
    const logs = await logsOf(client, build, stepNumberOf(build, step));
    if (dir !== undefined) await mkdir(dir, { recursive: true });
    for (const log of logs) {
      await save(log, { client, terminal, build, file: outFile ?? join(dir ?? '.', fileNameOf(log, build)) });
    }
    return undefined;
  },
};

async function logsOf(client: Client, build: Build, step: number | null): Promise<readonly StepLog[]> {
  const { stepLogs } = await client.request(listStepLogs, { build: build.id });
  const wanted = stepLogs.filter((log) => step === null || log.step === step);
  if (wanted.length > 0) return wanted;
  throw new CliError('NOT_FOUND', step === null ? 'this build has no log' : `step ${step} has no log`);
}

async function save(
  { step, missing, isCapped }: StepLog,
  to: { client: Client; terminal: Terminal; build: Build; file: string },
): Promise<void> {
  const { client, terminal, build, file } = to;
  const { state } = await saveLog(client, { build: build.id, step, file });
  terminal.out(`${file}\n`);
  if (state === 'OPEN') terminal.say(`${file}: the build is not over, this is its log so far`);
  if (state === 'REMOVED') terminal.say(`${file}: the log was removed, since its time of retention is over`);
  if (missing > 0) terminal.say(`${file}: ${missing} pieces are missing`);
  if (isCapped) terminal.say(`${file}: the log was cut off at the limit of the server`);
}

/** Names of steps are the repo's: nothing of one may leave the directory or hide in it. */
function fileNameOf({ step }: StepLog, { steps }: Build): string {
  const name = steps.find(({ number }) => number === step)?.name ?? 'step';
  return `${step}-${name.replace(/[^\w.-]+/g, '_').slice(0, 100)}.log`;
}
