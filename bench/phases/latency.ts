import { deferred } from '../../src/base/deferred.js';
import type { PlannedGroup } from '../../src/groups/group-plan.js';
import type { Life } from '../fleet/messages.js';
import type { Installation } from '../installation.js';
import { machineMs } from '../machine-clock.js';
import type { Latency } from '../numbers.js';
import { commitOf, type Plans } from '../plans.js';
import { spreadOf } from '../spread.js';

const EVERY_MS = 20;

/** One job every 20 ms on a system that has nothing else to do. */
export async function measureLatency(
  installation: Installation,
  plans: Plans,
  seconds: number,
): Promise<Latency> {
  const groups = await plans.make(Math.max(5, Math.floor((seconds * 1_000) / EVERY_MS)));
  const enqueuedMs = new Map<string, number>();
  const all = collectLives(installation, groups.length);
  await enqueueSteadily(installation, groups, enqueuedMs);
  const lives = await all;
  const since = (life: Life, moment: number) => moment - (enqueuedMs.get(life.commit) ?? Number.NaN);
  return {
    toPackage: spreadOf(lives.map((life) => since(life, life.openedMs))),
    toAccepted: spreadOf(lives.map((life) => since(life, life.acceptedMs))),
  };
}

/** Starts each job at its time, however long the one before takes. */
function enqueueSteadily(
  { server }: Installation,
  groups: readonly PlannedGroup[],
  enqueuedMs: Map<string, number>,
): Promise<void> {
  const enqueued = deferred<void>();
  let next = 0;
  const timer = setInterval(() => {
    const group = groups[next++];
    if (group === undefined) {
      clearInterval(timer);
      return enqueued.resolve();
    }
    enqueuedMs.set(commitOf(group), machineMs());
    server.dispatch.admitGroups([group]).catch((error: unknown) => enqueued.reject(error));
  }, EVERY_MS);
  return enqueued.promise;
}

async function collectLives({ fleet }: Installation, count: number): Promise<Life[]> {
  const lives: Life[] = [];
  const complete = deferred<Life[]>();
  fleet.onLives((more) => {
    lives.push(...more);
    if (lives.length >= count) complete.resolve(lives);
  });
  return complete.promise;
}
