import { systemClock } from '../../src/base/clock.js';
import type { Installation } from '../installation.js';
import type { Throughput } from '../numbers.js';
import type { BenchOptions } from '../options.js';
import type { Plans } from '../plans.js';
import { readPostgresUsage, type PostgresUsage } from '../postgres-usage.js';
import { runAtFullSpeed, type FullSpeed } from './full-speed.js';

/** Plans beyond those that the speed of the warm-up would need. */
const RESERVE = 1.6;
/** For what follows a life: bookkeeping after the claims, hints, and the statistics that the database collects. */
const SETTLE_MS = 1_200;

/** Lives at full speed, with what they cost each process. */
export async function measureThroughput(
  installation: Installation,
  plans: Plans,
  options: BenchOptions,
): Promise<Throughput> {
  const underWay = 2 * options.agents * options.slots;
  const warmUp = await runAtFullSpeed(installation, {
    groups: await plans.make(options.warmUpJobs),
    underWay,
    seconds: Number.POSITIVE_INFINITY,
  });
  const enough = Math.ceil((warmUp.lives / warmUp.seconds) * options.seconds * RESERVE);
  const groups = await plans.make(options.jobs ?? enough);
  await installation.pool.query('checkpoint');
  const before = await readUsage(installation);
  const run = await runAtFullSpeed(installation, { groups, underWay, seconds: options.seconds });
  await systemClock.sleep(SETTLE_MS);
  return compare(run, before, await readUsage(installation));
}

interface Usage {
  readonly serverUs: number;
  readonly agentsUs: number;
  readonly postgres: PostgresUsage;
}

async function readUsage({ fleet, pool }: Installation): Promise<Usage> {
  const { user, system } = process.cpuUsage();
  return {
    serverUs: user + system,
    agentsUs: await fleet.call('cpu', null),
    postgres: await readPostgresUsage(pool),
  };
}

function compare({ lives, seconds, perSecond }: FullSpeed, before: Usage, after: Usage): Throughput {
  const { postgres: from } = before;
  const { postgres: to } = after;
  const isKnown = from.cpuUs !== null && to.cpuUs !== null;
  return {
    lives,
    seconds,
    livesPerSecond: lives / seconds,
    perSecond,
    cpuUs: {
      server: (after.serverUs - before.serverUs) / lives,
      agents: (after.agentsUs - before.agentsUs) / lives,
      postgres: isKnown ? ((to.cpuUs ?? 0) - (from.cpuUs ?? 0)) / lives : null,
    },
    commitsPerLife: (to.commits - from.commits) / lives,
    walBytesPerLife: (to.walBytes - from.walBytes) / lives,
  };
}
