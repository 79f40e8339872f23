import { realpath } from 'node:fs/promises';
import { DomainError, ErrorCode } from '../base/errors.js';
import type { AgentOptions, NetworkPolicy } from './agent-options.js';
import { defaultSearchPath } from './builds/step-environment.js';
import { DEFAULT_PIDS } from './build-limits.js';
import type { Cgroups } from './cgroups/cgroups.js';
import type { Executor } from './executor/executor.js';
import { checkLinks } from './executor/linked-mounts.js';
import { ProcessExecutor } from './executor/process-executor.js';
import { probeSandbox } from './sandbox/probe-sandbox.js';
import type { BuildUser } from './sandbox/launch-script.js';
import { SandboxExecutor } from './sandbox/sandbox-executor.js';
import { readMounts } from './sandbox/sandbox-mounts.js';
import type { BuildLedger } from './state/build-ledger.js';

const DEFAULT_BUILD_UID = 65_521;
const DEFAULT_TMP_BYTES = 2 ** 30;

/** What the choice of a driver depends on, and what drivers work with. */
export interface ExecutorChoice {
  readonly options: AgentOptions;
  readonly stateDir: string;
  readonly workspaceDir: string;
  readonly ledger: BuildLedger;
  readonly cgroups: Cgroups;
}

/** The driver of an agent. */
export interface ChosenExecutor {
  readonly executor: Executor;
  /** What an operator may not expect of it, and why; null otherwise. */
  readonly notice: string | null;
}

/**
 * Chooses how the worker runs steps: in sandboxes where they work, which is tried out; as plain processes only when
 * that is allowed. Throws a DomainError when nothing is left, and a ValidationError for mounts that cannot be made.
 */
export async function chooseExecutor(choice: ExecutorChoice): Promise<ChosenExecutor> {
  const { driver = 'auto', allowUnsandboxed } = choice.options;
  if (driver === 'process') return { executor: makeProcess(choice, null), notice: null };
  const { executor, problem, notice } = await trySandbox(choice);
  if (problem === null) return { executor, notice };
  if (driver === 'auto' && allowUnsandboxed) {
    return { executor: makeProcess(choice, problem), notice: `builds run without a sandbox: ${problem}` };
  }
  throw noDriver(problem);
}

/** Unless a network is asked for, the outside if it can be had. */
async function trySandbox(choice: ExecutorChoice): Promise<TriedSandbox> {
  const { network } = choice.options;
  const nat = network === undefined || network === 'nat' ? await tryNetwork(choice, 'nat') : null;
  if (nat !== null && (nat.problem === null || network === 'nat')) return nat;
  const other = await tryNetwork(choice, network ?? 'none');
  return nat === null ? other : { ...other, notice: `builds have no network: ${nat.problem}` };
}

interface TriedSandbox {
  readonly executor: SandboxExecutor;
  /** Null when it works. */
  readonly problem: string | null;
  readonly notice: string | null;
}

async function tryNetwork(choice: ExecutorChoice, network: NetworkPolicy): Promise<TriedSandbox> {
  const executor = await makeSandbox(choice, network);
  return { executor, problem: await probeSandbox(executor, choice.workspaceDir), notice: null };
}

async function makeSandbox(choice: ExecutorChoice, network: NetworkPolicy): Promise<SandboxExecutor> {
  const { options, stateDir, workspaceDir, ledger, cgroups } = choice;
  return new SandboxExecutor({
    ledger,
    cgroups,
    mounts: await readMounts(
      options.mounts,
      await Promise.all([stateDir, workspaceDir].map((path) => realpath(path))),
    ),
    user: buildUser(options),
    processes: options.pids ?? DEFAULT_PIDS,
    tmpBytes: options.tmpBytes ?? DEFAULT_TMP_BYTES,
    network,
    searchPath: options.searchPath,
  });
}

/** Who is not root cannot be anybody else, and need not. */
function buildUser({ buildUid = DEFAULT_BUILD_UID }: AgentOptions): BuildUser | null {
  return process.getuid?.() === 0 ? { uid: buildUid, gid: buildUid } : null;
}

function makeProcess({ options, ledger }: ExecutorChoice, problem: string | null): ProcessExecutor {
  if (!options.allowUnsandboxed) throw noDriver(problem);
  checkLinks(options.mounts);
  return new ProcessExecutor({
    ledger,
    mounts: options.mounts,
    searchPath: options.searchPath ?? defaultSearchPath,
  });
}

function noDriver(problem: string | null): DomainError {
  const sandbox = problem === null ? '' : `sandboxes do not work here: ${problem}; `;
  return new DomainError(
    ErrorCode.VALIDATION_FAILED,
    `${sandbox}the process driver runs builds without isolation, as the user of the agent; expected ` +
      '--allow-unsandboxed, which says that this is meant',
  );
}
