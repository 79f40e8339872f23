import { isOver, type Verdict, verdictOf } from '../job-state.js';
import type { Build, Job, JobWithBuilds, Step } from '../operations.js';
import { glyphOf, paintVerdict } from '../output/verdicts.js';
import { jobNameOf } from '../output/job-view.js';
import { printable } from '../output/printable.js';
import { took } from '../output/times.js';
import { waitingWords } from '../output/waiting-words.js';
import { wordsBeside } from '../output/words-beside.js';
import type { Colours } from '../terminal.js';

/** Turns the states in which a job is seen into lines, each said once. */
export class JobNarrator {
  readonly name: string;
  readonly #said = new Set<string>();

  constructor(job: Job) {
    this.name = jobNameOf({ repo: job.repo.fullName, number: job.number });
  }

  /** What is new since the last call: attempts that began, steps that ended, why it waits, how it ended. */
  newLines(job: JobWithBuilds, colours: Colours): string[] {
    const lines = [
      ...this.#unsaid(job.id, this.#waitLines(job)),
      ...job.builds.flatMap((build) => this.#unsaid(build.id, this.#buildLines(build, colours))),
    ];
    if (isOver(job.state)) lines.push(...this.#unsaid(job.id, [this.#endLine(job, colours)]));
    return lines.map(printableKeepingColours);
  }

  /** Two attempts may well say the same: a line counts as said for its own alone. */
  #unsaid(about: string, lines: readonly string[]): string[] {
    return lines.filter((line) => {
      const key = `${about} ${line}`;
      return !this.#said.has(key) && this.#said.add(key);
    });
  }

  /** What is going on at this moment, in one line. */
  present(job: JobWithBuilds): string {
    const step = job.builds.at(-1)?.steps.find(({ status }) => status === 'RUNNING');
    if (job.state === 'RUNNING' && step !== undefined) return `${this.name} ${step.name}`;
    return `${this.name} ${job.state}${job.reason === null ? '' : `: ${waitingWords(job.reason)}`}`;
  }

  #waitLines(job: Job): string[] {
    // A job whose turn is about to come (WAITING) waits for nothing that is worth a line.
    if (verdictOf(job.state) !== 'WAITING' || job.reason === null || job.reason === 'WAITING') return [];
    return [`${glyphOf('WAITING')} ${this.name} waits: ${waitingWords(job.reason)}`];
  }

  #buildLines(build: Build, colours: Colours): string[] {
    if (build.startedAt === null) return [];
    const on = build.worker === null ? '' : ` on ${build.worker.hostname}`;
    const begin = `${glyphOf('RUNNING')} ${this.name} attempt ${build.attempt}${on}`;
    return [
      begin,
      ...build.steps.flatMap((step) => stepLines(build, step, colours)),
      ...endingLines(build, colours),
    ];
  }

  #endLine(job: Job, colours: Colours): string {
    const verdict = verdictOf(job.state);
    const why = wordsBeside(verdict, [job.failureKind, job.error]).join(': ');
    const words = `${glyphOf(verdict)} ${this.name} ${job.state} ${why}`.trimEnd();
    return `${paintVerdict(words, verdict, colours)} (${took(job.startedAt ?? job.createdAt, job.finishedAt)})`;
  }
}

const STEP_VERDICTS: Readonly<Record<string, Verdict>> = {
  SUCCESS: 'PASSED',
  SKIPPED: 'CANCELED',
  CANCELED: 'CANCELED',
};

/** A step that has ended. Steps of an earlier attempt are told apart by the attempt. */
function stepLines(build: Build, step: Step, colours: Colours): string[] {
  if (step.finishedAt === null) return [];
  const verdict = STEP_VERDICTS[step.status] ?? 'FAILED';
  const exit = step.exitCode === null || step.exitCode === 0 ? '' : ` exit code ${step.exitCode}`;
  const why = wordsBeside(step.status, [step.error]).map((word) => ` ${word}`);
  const word = verdict === 'PASSED' ? '' : ` ${step.status}${exit}${why.join('')}`;
  const attempt = build.attempt > 1 ? ` [attempt ${build.attempt}]` : '';
  const text = `  ${glyphOf(verdict)} ${step.name}${word}${attempt}`;
  const time = step.startedAt === null ? '' : ` ${took(step.startedAt, step.finishedAt)}`;
  return [`${paintVerdict(text, verdict, colours)}${time}`];
}

/** An attempt that was lost or given up: the job itself may go on with another one. */
function endingLines(build: Build, colours: Colours): string[] {
  if (build.finishedAt === null || build.status === 'SUCCESS' || build.status === 'FAILURE') return [];
  const verdict = build.status === 'CANCELED' ? 'CANCELED' : 'FAILED';
  const why = wordsBeside(build.status, [build.error ?? build.failureKind]).join('');
  const text = `  ${glyphOf(verdict)} attempt ${build.attempt} ${build.status} ${why}`.trimEnd();
  return [paintVerdict(text, verdict, colours)];
}

/** Names and messages come from others; only our own colours may pass. */
function printableKeepingColours(line: string): string {
  return line
    .split(/(\u001B\[\d+m)/)
    .map((part, index) => (index % 2 === 1 ? part : printable(part)))
    .join('');
}
