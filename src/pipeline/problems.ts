import { DomainError, ErrorCode } from '../base/errors.js';

/** A place in a source file; both count from 1, columns in UTF-16 units. */
export interface Position {
  readonly line: number;
  readonly column: number;
}

/** One thing wrong with a pipeline file. `key` is dotted (`steps[0].ruleset.if.branch`), empty for the whole file. */
export interface PipelineProblem extends Position {
  readonly file: string;
  readonly key: string;
  readonly value: string;
  readonly expected: string;
}

/** Orders places as a reader of the file meets them. */
export function byPosition(a: Position, b: Position): number {
  return a.line - b.line || a.column - b.column;
}

/** A pipeline file that cannot be taken, with everything that is wrong with it in the order of the file. */
export class PipelineError extends DomainError {
  override readonly name = 'PipelineError';

  constructor(readonly problems: readonly PipelineProblem[]) {
    super(ErrorCode.VALIDATION_FAILED, describeProblems(problems), { problems });
  }
}

const SHOWN = 20;

function describeProblems(problems: readonly PipelineProblem[]): string {
  const shown = problems.slice(0, SHOWN).map(describeProblem);
  const hidden = problems.length - shown.length;
  return [...shown, ...(hidden > 0 ? [`and ${hidden} more`] : [])].join('\n');
}

/** One line for people: `.slipway.yml:3:5: steps[0].name: got "init", expected …`. */
function describeProblem(problem: PipelineProblem): string {
  const place = `${problem.file}:${problem.line}:${problem.column}`;
  const subject = problem.key === '' ? '' : `${problem.key}: `;
  return `${place}: ${subject}got ${JSON.stringify(problem.value)}, expected ${problem.expected}`;
}
