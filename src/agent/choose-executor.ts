import { realpath } from 'node:fs/promises';
import { DomainError, ErrorCode } from '../base/errors.js';
import type { AgentOptions } from './agent-options.js';
import { defaultSearchPath } from './builds/step-environment.js';
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
  /** Why it is not the sandbox, where that was not asked for; null otherwise. */
  readonly notice: string | null;
}

/**
 * Chooses how the worker runs steps: in sandboxes where they work, which is tried out; as plain processes only when
 * that is allowed. Throws a DomainError when nothing is left, and a ValidationError for mounts that cannot be made.
 */
export async function chooseExecutor(choice: ExecutorChoice): Promise<ChosenExecutor> {
  const { driver = 'auto', allowUnsandboxed } = choice.options;
  if (driver === 'process') return { executor: makeProcess(choice, null), notice: null };
  const executor = await makeSandbox(choice);
  const problem = await probeSandbox(executor, choice.workspaceDir);
  if (problem === null) return { executor, notice: null };
  if (driver === 'auto' && allowUnsandboxed)
    return { executor: makeProcess(choice, problem), notice: problem };
  throw noDriver(problem);
}

async function makeSandbox(choice: ExecutorChoice): Promise<SandboxExecutor> {
  const { options, stateDir, workspaceDir, ledger, cgroups } = choice;
  return new SandboxExecutor({
    ledger,
    cgroups,
    mounts: await readMounts(
      options.mounts,
      await Promise.all([stateDir, workspaceDir].map((path) => realpath(path))),
    ),
    user: buildUser(options),
    tmpBytes: options.tmpBytes ?? DEFAULT_TMP_BYTES,
    network: options.network ?? 'none',
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
