import { verdictOf } from '../job-state.js';
import type { Build, JobWithBuilds, Step } from '../operations.js';
import type { Colours } from '../terminal.js';
import { printable } from './printable.js';
import { type Column, renderTable } from './table.js';
import { took } from './times.js';
import { waitingSentence } from './waiting-words.js';
import { wordsBeside } from './words-beside.js';

interface StepRow extends Step {
  readonly build: Build;
  /** An attempt that was given up without a charge has left its number to the next one. */
  readonly isAgain: boolean;
}

const columns: readonly Column<StepRow>[] = [
  { title: 'ATTEMPT', text: ({ build, isAgain }) => `${build.attempt}${isAgain ? ' again' : ''}` },
  { title: 'WORKER', text: ({ build }) => build.worker?.hostname ?? '-' },
  { title: 'STEP', text: ({ name }) => name },
  { title: 'STATUS', text: ({ status }) => status },
  { title: 'EXIT', text: ({ exitCode }) => (exitCode === null ? '-' : String(exitCode)) },
  { title: 'TOOK', text: ({ startedAt, finishedAt }) => took(startedAt, finishedAt) },
];

/** What a job waits for or failed from, and the steps of its attempts. */
export function buildsTable(job: JobWithBuilds, colours: Colours): string {
  const waits = job.waiting === null ? null : `waits: ${waitingSentence(job.waiting)}`;
  const words = wordsBeside(verdictOf(job.state), [waits, job.failureKind, job.error]);
  const why = words.length === 0 ? '' : `\n${printable(words.join(': '))}\n`;
  const rows = job.builds.flatMap((build, index) => {
    const isAgain = job.builds.slice(0, index).some((earlier) => isSameAttempt(earlier, build));
    return build.steps.map((step) => ({ ...step, build, isAgain }));
  });
  return `${why}${rows.length === 0 ? '' : '\n'}${renderTable(rows, { columns, colours })}${outputLines(job)}`;
}

/** Of the last attempt: what it has handed on. */
function outputLines({ builds }: JobWithBuilds): string {
  const outputs = builds.at(-1)?.outputs ?? [];
  const lines = outputs.map(({ name, value }) => `  ${printable(name)}=${printable(value)}\n`);
  return lines.length === 0 ? '' : `\noutputs\n${lines.join('')}`;
}

/** Offers that no worker took have no steps to be told apart from. */
function isSameAttempt(earlier: Build, build: Build): boolean {
  return earlier.attempt === build.attempt && earlier.steps.length > 0;
}
