import { deferred } from '../../src/base/deferred.js';
import type { PlannedGroup } from '../../src/groups/group-plan.js';
import type { Installation } from '../installation.js';
import { machineMs } from '../machine-clock.js';

/** How a run at full speed went. */
export interface FullSpeed {
  readonly lives: number;
  readonly seconds: number;
  readonly perSecond: readonly number[];
}

export interface FullSpeedOptions {
  readonly groups: readonly PlannedGroup[];
  /** Jobs that are admitted and not over yet: enough that no slot waits for work. */
  readonly underWay: number;
  /** No job is admitted after this time; those under way are lived to their end. */
  readonly seconds: number;
}

/** Admits jobs as fast as they are lived, until the time is over or no plan is left. */
export async function runAtFullSpeed(
  { server, fleet }: Installation,
  { groups, underWay, seconds }: FullSpeedOptions,
): Promise<FullSpeed> {
  const over = deferred<void>();
  const perSecond: number[] = [];
  const startMs = machineMs();
  let admitted = 0;
  let lives = 0;
  const admit = (): void => {
    if (machineMs() - startMs > seconds * 1_000) return;
    for (; admitted - lives < underWay && admitted < groups.length; admitted += 1) {
      server.dispatch
        .admitGroups(groups.slice(admitted, admitted + 1))
        .catch((error: unknown) => over.reject(error));
    }
  };
  fleet.onLives((more) => {
    lives += more.length;
    const second = Math.floor((machineMs() - startMs) / 1_000);
    perSecond[second] = (perSecond[second] ?? 0) + more.length;
    admit();
    if (lives >= admitted) over.resolve();
  });
  admit();
  await over.promise;
  return { lives, seconds: (machineMs() - startMs) / 1_000, perSecond };
}
