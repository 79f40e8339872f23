import { cpus, totalmem } from 'node:os';
import { measureCommits } from './floors/commit-floor.js';
import { openEchoServer } from './floors/echo-server.js';
import type { Fleet } from './fleet/fleet.js';
import { openInstallation, type Installation } from './installation.js';
import type { Floors, Numbers } from './numbers.js';
import type { BenchOptions } from './options.js';
import { measureLatency } from './phases/latency.js';
import { measureLogs } from './phases/logs.js';
import { measureThroughput } from './phases/throughput.js';
import { measureWholeWay } from './phases/whole-way.js';
import { Plans } from './plans.js';
import { openScratch } from './scratch.js';

/** Measures everything once, on a database server of the caller or an embedded one. `say` hears what is going on. */
export async function runBench(
  options: BenchOptions,
  context: { readonly serverUrl: string | undefined; readonly say: (text: string) => void },
): Promise<Numbers> {
  const scratch = await openScratch(context.serverUrl);
  const { dir, databaseUrl } = scratch;
  try {
    const installation = await openInstallation({ ...options, databaseUrl, dir });
    try {
      return await measure(installation, options, { databaseUrl, say: context.say });
    } finally {
      await installation.close();
    }
  } finally {
    await scratch.close();
  }
}

async function measure(
  installation: Installation,
  options: BenchOptions,
  { databaseUrl, say }: { readonly databaseUrl: string; readonly say: (text: string) => void },
): Promise<Numbers> {
  const { fleet, pool, repo } = installation;
  say('floors: commits and echoes');
  const floors = await measureFloors(fleet, databaseUrl, options.floorSeconds);
  say(`the whole way of ${options.changes} changes`);
  const wholeWay = await measureWholeWay(installation, options.changes);
  const plans = new Plans(pool, repo, await compiledPipeline(installation));
  // First, since the memory of a process that has lived a hundred thousand builds says little about logs.
  say(`${options.logMib} MiB of logs`);
  const logs = await measureLogs(installation, plans, {
    builds: options.logBuilds,
    mib: options.logMib,
    databaseUrl,
  });
  say('latency on an idle system');
  const latency = await measureLatency(installation, plans, options.seconds);
  say('lives at full speed');
  const throughput = await measureThroughput(installation, plans, options);
  await fleet.call('leave', null);
  const { agents, slots } = options;
  const machine = await describeMachine(installation);
  return {
    at: new Date().toISOString(),
    machine,
    agents,
    slots,
    floors,
    wholeWay,
    latency,
    throughput,
    logs,
  };
}

async function measureFloors(fleet: Fleet, databaseUrl: string, seconds: number): Promise<Floors> {
  const commits = await measureCommits(databaseUrl, seconds);
  const server = await openEchoServer();
  const echoes = await fleet.call('echo', { url: server.url, seconds });
  await server.close();
  return { ...commits, ...echoes };
}

/** What the planner has compiled for the whole ways. */
async function compiledPipeline({ pool }: Installation): Promise<string> {
  const { rows } = await pool.query<{ body: string }>('select body from job_specs limit 1');
  if (rows[0] === undefined) throw new Error('no change was planned');
  return rows[0].body;
}

async function describeMachine({ pool }: Installation): Promise<Numbers['machine']> {
  const { rows } = await pool.query<{ server_version: string }>('show server_version');
  return {
    cores: cpus().length,
    memoryGiB: Math.round(totalmem() / 2 ** 30),
    node: process.version,
    postgres: rows[0]?.server_version ?? 'unknown',
  };
}
