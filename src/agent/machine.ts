import { mkdir } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { systemClock } from '../base/clock.js';
import type { Logger } from '../base/logger.js';
import type { AgentOptions } from './agent-options.js';
import { buildLimits } from './build-limits.js';
import type { Cgroups } from './cgroups/cgroups.js';
import { findCgroups } from './cgroups/find-cgroups.js';
import { chooseExecutor } from './choose-executor.js';
import type { Executor } from './executor/executor.js';
import { findSupervisorShell } from './executor/supervisor-process.js';
import { Supervisor } from './executor/supervisor.js';
import { BuildLedger } from './state/build-ledger.js';
import { clearLeftovers } from './state/leftovers.js';

/** What an agent has of the machine that it runs on, to run builds with. */
export interface Machine {
  readonly workspaceDir: string;
  readonly ledger: BuildLedger;
  readonly cgroups: Cgroups;
  readonly supervisor: Supervisor;
  readonly executor: Executor;
  /** Nothing of an older agent runs any more. */
  readonly clean: boolean;
}

/** Finds out how builds can run here, once everything of an older agent of this worker has ended. */
export async function openMachine(stateDir: string, options: AgentOptions, logger: Logger): Promise<Machine> {
  const tools = { clock: systemClock, logger };
  const supervisor = new Supervisor(await findSupervisorShell(), tools);
  const ledger = await BuildLedger.open(stateDir, supervisor);
  const cgroups = await findCgroups({ stateDir, limits: buildLimits(options), clock: systemClock });
  const isQuiet = await cgroups.clear();
  const clean = (await clearLeftovers(ledger, tools)) && isQuiet;
  const workspaceDir = resolve(options.workspaceDir ?? join(stateDir, 'workspaces'));
  await mkdir(workspaceDir, { recursive: true, mode: 0o700 });
  const choice = { options, stateDir, workspaceDir, ledger, cgroups };
  const { executor, notice } = await chooseExecutor(choice);
  logger.info({ driver: executor.driver, cgroups: cgroups.notice }, 'how builds are run');
  if (notice !== null) logger.warn(notice);
  return { workspaceDir, ledger, cgroups, supervisor, executor, clean };
}
