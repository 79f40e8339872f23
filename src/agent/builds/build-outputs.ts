import type { BuildOutput } from '../../protocol/messages.js';
import { cut } from '../../base/text.js';
import type { Mask } from '../masking/mask.js';

/** Outputs of one build that a server is sure to take; values in UTF-16 units. */
export const MAX_OUTPUTS = 100;
export const MAX_OUTPUT_VALUE = 4_000;

/** Lines of the log that one file of outputs can cause. */
const MAX_NOTICES = 10;

const NAME = /^[A-Za-z_][\w.-]{0,99}$/;

/** What the steps of one build have written to their output files; the last value of a name counts. */
export class BuildOutputs {
  readonly #mask: Mask;
  readonly #values = new Map<string, string>();

  constructor(mask: Mask) {
    this.#mask = mask;
  }

  /** Takes the lines of one step's file; answers what should be said of those that are left out. */
  take(text: string): string[] {
    const notices: string[] = [];
    text.split('\n').forEach((line, index) => {
      if (line.trim() === '') return;
      const problem = this.#takeLine(line.replace(/\r$/, ''));
      if (problem !== null) notices.push(`line ${index + 1} of the outputs is left out: ${problem}`);
    });
    return notices.length > MAX_NOTICES
      ? [...notices.slice(0, MAX_NOTICES), `${notices.length - MAX_NOTICES} more lines are left out`]
      : notices;
  }

  /** All of them, masked, in the order of their names. */
  list(): BuildOutput[] {
    return [...this.#values]
      .map(([name, value]) => ({ name, value }))
      .sort((a, b) => (a.name < b.name ? -1 : 1));
  }

  #takeLine(line: string): string | null {
    const [, name, value] = /^([^=]*)=(.*)$/s.exec(line) ?? [];
    if (name === undefined || value === undefined) return 'expected name=value';
    const shown = this.#mask.text(name);
    if (shown !== name || !NAME.test(name)) return 'expected a name of up to 100 letters, digits, _ . and -';
    if (!this.#values.has(name) && this.#values.size >= MAX_OUTPUTS)
      return `a build has at most ${MAX_OUTPUTS} outputs`;
    this.#values.set(name, cut(this.#mask.text(value), MAX_OUTPUT_VALUE));
    return null;
  }
}
