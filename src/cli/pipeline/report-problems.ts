import { DomainError, ErrorCode } from '../../base/errors.js';
import { PipelineError, type PipelineProblem } from '../../pipeline/index.js';
import type { Format } from '../output/formats.js';
import type { Terminal } from '../terminal.js';
import { ExitCode } from '../exit-codes.js';

/**
 * Runs what may find a file wanting. For programs (`json`, `jsonl`) each problem becomes one line of JSON on standard
 * error, and the exit code says USAGE; for people the error is thrown on.
 */
export async function reportProblems(
  terminal: Terminal,
  { format, file }: { readonly format: Format; readonly file: string },
  work: () => Promise<void>,
): Promise<ExitCode | undefined> {
  try {
    await work();
    return undefined;
  } catch (error) {
    const problems = format === 'json' || format === 'jsonl' ? problemsOf(error, file) : null;
    if (problems === null) throw error;
    for (const problem of problems) terminal.say(lineOf(problem));
    return ExitCode.USAGE;
  }
}

/** Null for an error that is not the file's. */
function problemsOf(error: unknown, file: string): readonly PipelineProblem[] | null {
  if (error instanceof PipelineError) return error.problems;
  if (!(error instanceof DomainError) || error.code !== ErrorCode.TOO_LARGE) return null;
  return [{ file, line: 1, column: 1, key: '', value: 'the whole file', expected: error.message }];
}

/** The keys in the order of the contract. */
function lineOf({ file, line, column, key, value, expected }: PipelineProblem): string {
  return JSON.stringify({ file, line, column, key, value, expected });
}
