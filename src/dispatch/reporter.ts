import { Batcher } from '../database/batcher.js';
import type { Hints } from '../database/hints.js';
import type { HotConnection, Transaction } from '../database/hot-connection.js';
import { writeChunks, type ChunksReport, type LogCaps } from './append-logs.queries.js';
import { LogIntake } from './log-intake.js';
import { readStatuses, startBuilds, writeSteps, type StepsReport } from './report.queries.js';

/** Whether a report was taken: the build's lease is live, or its status says why not. */
export type ReportVerdict =
  { readonly kind: 'TAKEN' } | { readonly kind: 'STALE'; readonly status: string | null };

interface Fenced {
  readonly buildId: string;
  readonly workerId: string;
}

/** Takes what agents report of their builds, in batches; logs have a connection of their own. */
export class Reporter {
  readonly #starts: Batcher<Fenced, ReportVerdict>;
  readonly #steps: Batcher<StepsReport, ReportVerdict>;
  readonly #logs: LogIntake;

  constructor(options: { reports: HotConnection; logs: HotConnection; hints: Hints; logCaps: LogCaps }) {
    const { reports, logs, hints, logCaps } = options;
    const batcher = <Item extends Fenced>(name: string, write: Write<Item>) =>
      new Batcher<Item, ReportVerdict>({
        name,
        keyOf,
        run: (items) => take(items, { connection: reports, write, hints }),
      });
    this.#starts = batcher('start', startBuilds);
    this.#steps = batcher('steps', writeSteps);
    const write: Write<ChunksReport> = (transaction, items) => writeChunks(transaction, items, logCaps);
    this.#logs = new LogIntake((items) => take(items, { connection: logs, write, hints }));
  }

  start(build: Fenced): Promise<ReportVerdict> {
    return this.#starts.add(build);
  }

  report(steps: StepsReport): Promise<ReportVerdict> {
    return this.#steps.add(steps);
  }

  append(chunks: ChunksReport): Promise<ReportVerdict> {
    return this.#logs.take(chunks);
  }
}

/** Writes what is fenced by a live lease; answers for which builds it was. */
type Write<Item> = (transaction: Transaction, items: readonly Item[]) => Promise<Set<string>>;

async function take<Item extends Fenced>(
  items: readonly Item[],
  by: { connection: HotConnection; write: Write<Item>; hints: Hints },
): Promise<ReportVerdict[]> {
  const verdicts = await by.connection.transaction(async (transaction) => {
    const taken = await by.write(transaction, items);
    const refused = items.map(keyOf).filter((id) => !taken.has(id));
    const statuses =
      refused.length === 0 ? new Map<string, string>() : await readStatuses(transaction, refused);
    return items.map(({ buildId }): ReportVerdict =>
      taken.has(buildId) ? { kind: 'TAKEN' } : { kind: 'STALE', status: statuses.get(buildId) ?? null },
    );
  });
  items.forEach(({ buildId }, index) => {
    if (verdicts[index]?.kind === 'TAKEN') by.hints.publish('log.appended', { build: buildId });
  });
  return verdicts;
}

function keyOf({ buildId }: Fenced): string {
  return buildId;
}
