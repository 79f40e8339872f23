import { isOver } from '../job-state.js';
import type { Client } from '../client/client.js';
import type { Hints } from '../client/hints.js';
import { type Build, jobUpdated, type JobWithBuilds, logLines, viewJob } from '../operations.js';
import type { Terminal } from '../terminal.js';
import { LogReader } from './read-log.js';
import { stepNumberOf } from './step-reference.js';

/** After the end of a build the server takes chunks that are still on their way for 30 s. */
const LAST_CHUNKS_MS = 35_000;

export interface FollowOptions {
  readonly client: Client;
  readonly terminal: Terminal;
  /** Name or number; undefined for all steps. */
  readonly step: string | undefined;
}

/** Prints a job's log from its first line until the job is over, over several attempts if it takes them. */
export async function followLog(job: JobWithBuilds, options: FollowOptions): Promise<void> {
  const hints = options.client.openHints();
  hints.listen(jobUpdated, { job: job.id });
  try {
    await new LogFollower(hints, options).follow(job);
  } finally {
    await hints.close();
  }
}

class LogFollower {
  readonly #hints: Hints;
  readonly #options: FollowOptions;
  #build: Build | undefined;
  #reader: LogReader | undefined;

  constructor(hints: Hints, options: FollowOptions) {
    this.#hints = hints;
    this.#options = options;
  }

  async follow(first: JobWithBuilds): Promise<void> {
    let job = first;
    let overSinceMs: number | undefined;
    for (;;) {
      this.#turnTo(job.builds.findLast(({ startedAt }) => startedAt !== null));
      await this.#printNew();
      if (isOver(job.state)) overSinceMs ??= performance.now();
      if (overSinceMs !== undefined && this.#isComplete(overSinceMs)) return;
      await this.#hints.wait();
      job = (await this.#options.client.requestPatiently(viewJob, { id: job.id })).job;
    }
  }

  /** A new attempt has a log of its own. */
  #turnTo(build: Build | undefined): void {
    if (build === undefined) return;
    const { client, step, terminal } = this.#options;
    if (this.#build !== undefined && this.#build.id !== build.id)
      terminal.say(`--- attempt ${build.attempt} ---`);
    const isNew = this.#build?.id !== build.id;
    this.#build = build;
    if (isNew) this.#hints.listen(logLines, { build: build.id });
    // The step may not be known before the build has begun.
    if (isNew) this.#reader = undefined;
    if (step !== undefined && build.steps.length === 0) return;
    this.#reader ??= new LogReader(client, { build: build.id, step: stepNumberOf(build, step) });
  }

  async #printNew(): Promise<void> {
    if (this.#reader === undefined) return;
    for await (const { text } of this.#reader.newSlices()) this.#options.terminal.out(text);
  }

  #isComplete(overSinceMs: number): boolean {
    const isRead = this.#reader === undefined || this.#reader.isFinal;
    return isRead || performance.now() - overSinceMs > LAST_CHUNKS_MS;
  }
}
