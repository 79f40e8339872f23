import { systemClock } from '../../src/base/clock.js';
import { deferred } from '../../src/base/deferred.js';
import { measureCopy } from '../floors/copy-floor.js';
import type { Installation } from '../installation.js';
import { logBytes, logSumOf } from '../log-bytes.js';
import { machineMs } from '../machine-clock.js';
import { watchMemory } from '../memory-watch.js';
import type { LogNumbers } from '../numbers.js';
import type { Plans } from '../plans.js';

const MIB = 1024 * 1024;
const ARCHIVED_EVERY_MS = 100;

export interface LogsPlan {
  /** Builds that write at once. */
  readonly builds: number;
  /** What all of them write together. */
  readonly mib: number;
  readonly databaseUrl: string;
}

/** Logs of builds that write as fast as they can: from the agents' streamers to the table, and on into the archive. */
export async function measureLogs(
  installation: Installation,
  plans: Plans,
  plan: LogsPlan,
): Promise<LogNumbers> {
  const bytesPerBuild = Math.floor((plan.mib * MIB) / plan.builds);
  const copy = await measureCopy(plan.databaseUrl, logBytes(plan.builds * bytesPerBuild));
  await installation.pool.query('checkpoint');
  const memory = watchMemory();
  const writtenMs = await writeLogs(installation, plans, { ...plan, bytesPerBuild });
  const [server, agents] = [memory.stop(), await installation.fleet.call('endLogs', null)];
  const archivedMs = await untilArchived(installation);
  await assertWhole(installation, { builds: plan.builds, bytesPerBuild });
  const mib = (plan.builds * bytesPerBuild) / MIB;
  return {
    mib,
    builds: plan.builds,
    copyMibPerSecond: mib / copy.seconds,
    mibPerSecond: mib / (writtenMs / 1_000),
    archiveMibPerSecond: mib / ((writtenMs + archivedMs) / 1_000),
    memoryMib: { server, agents },
  };
}

/** Milliseconds from the admission of the builds until all of them have ended. */
async function writeLogs(
  { fleet, server }: Installation,
  plans: Plans,
  { builds, bytesPerBuild }: { readonly builds: number; readonly bytesPerBuild: number },
): Promise<number> {
  const groups = await plans.make(builds);
  const ended = deferred<void>();
  let left = builds;
  fleet.onLives((lives) => {
    left -= lives.length;
    if (left === 0) ended.resolve();
  });
  await fleet.call('beginLogs', { bytesPerBuild });
  const startMs = machineMs();
  await Promise.all(groups.map((group) => server.dispatch.admitGroups([group])));
  await ended.promise;
  return machineMs() - startMs;
}

/** Milliseconds until the last log was in the archive. */
async function untilArchived({ pool }: Installation): Promise<number> {
  const startMs = machineMs();
  for (;;) {
    const { rows } = await pool.query('select 1 from step_logs where archived_at is null limit 1');
    if (rows.length === 0) return machineMs() - startMs;
    await systemClock.sleep(ARCHIVED_EVERY_MS);
  }
}

/** A bench that loses bytes is fast. */
async function assertWhole(
  { pool }: Installation,
  { builds, bytesPerBuild }: { readonly builds: number; readonly bytesPerBuild: number },
): Promise<void> {
  const { rows } = await pool.query<{ whole: number }>(
    `select count(*)::integer as whole from step_logs
     where plain_sha256 = decode($1, 'hex') and plain_bytes = $2 and missing = 0 and capped_from is null`,
    [logSumOf(bytesPerBuild), bytesPerBuild],
  );
  if (rows[0]?.whole !== builds)
    throw new Error(`${rows[0]?.whole ?? 0} of ${builds} logs arrived as they were written`);
}
