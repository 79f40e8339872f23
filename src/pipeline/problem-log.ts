import { cut } from '../base/text.js';
import { limits } from './limits.js';
import { byPosition, PipelineError, type PipelineProblem, type Position } from './problems.js';

/** What is wrong with one value: where it stands, its dotted key, what was written and what would be right. */
export interface Finding {
  readonly at: Position;
  readonly key: string;
  readonly value: string;
  readonly expected: string;
}

/** UTF-16 units of what is told. Somebody has to read it, and a name may have 1 MiB. */
const LENGTHS = { key: 300, value: 80, text: 1000 } as const;

/** Gathers the problems and warnings of one file, so that its author hears of all of them at once. */
export class ProblemLog {
  readonly #problems: PipelineProblem[] = [];
  readonly #warnings: { at: Position; text: string }[] = [];

  constructor(readonly file: string) {}

  /** Notes what makes the file unusable. Beyond `limits.problems` nothing is added. */
  refuse({ at, key, value, expected }: Finding): void {
    if (this.#problems.length >= limits.problems) return;
    const place = { file: this.file, line: at.line, column: at.column };
    const told = {
      key: cut(key, LENGTHS.key),
      value: cut(value, LENGTHS.value),
      expected: cut(expected, LENGTHS.text),
    };
    this.#problems.push({ ...place, ...told });
  }

  /** Notes what the author should know although the file is usable. */
  warn(finding: { at: Position; key: string; text: string }): void {
    const { at, key, text } = finding;
    if (this.#warnings.length >= limits.problems) return;
    const place = `${this.file}:${at.line}:${at.column}`;
    this.#warnings.push({ at, text: `${place}: ${cut(key, LENGTHS.key)}: ${cut(text, LENGTHS.text)}` });
  }

  /** Throws a {@link PipelineError} when anything was refused. */
  assertClean(): void {
    if (this.#problems.length > 0) throw new PipelineError([...this.#problems].sort(byPosition));
  }

  /** `file:line:column: key: text` lines in the order of the file. */
  get warnings(): readonly string[] {
    return [...this.#warnings].sort((a, b) => byPosition(a.at, b.at)).map((warning) => warning.text);
  }
}
