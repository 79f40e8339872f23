import { fullJitterMs } from '../base/backoff.js';
import { systemClock } from '../base/clock.js';
import { DomainError, ErrorCode } from '../base/errors.js';
import { checkCaFile } from '../git/ca-file.js';
import type { SigningKeyPair } from '../protocol/identity.js';
import { Agent } from './agent.js';
import { labelsOf } from './driver-label.js';
import type { Executor } from './executor/executor.js';
import type { AgentContext, AgentExit, AgentOptions } from './agent-options.js';
import type { BuildSite } from './builds/build-site.js';
import { HttpUploader } from './artifacts/uploader.js';
import { Reports } from './builds/reports.js';
import { defaultSearchPath } from './builds/step-environment.js';
import { enrol } from './session/enrol.js';
import { isTransient } from './session/transient.js';
import { type Machine, openMachine } from './machine.js';
import { Uplink } from './session/uplink.js';
import { AgentLock } from './state/agent-lock.js';
import { IdentityStore } from './state/identity-store.js';
import type { Registration } from './state/registration.js';
import { openStateDir } from './state/state-dir.js';

const ENROL_BACKOFF = { baseMs: 500, maxMs: 15_000 };

/**
 * Runs a worker's agent until `context.signal` asks it to drain or its worker is revoked. Enrols first if it has to.
 * Throws a DomainError for a setup that cannot work: no isolation allowed for, a state directory that is unusable or
 * in use, a token that the server refuses.
 * @example
 * const exit = await runAgent(options, { signal, logger });
 */
export async function runAgent(options: AgentOptions, context: AgentContext): Promise<AgentExit> {
  const stateDir = await openStateDir(options.stateDir);
  const lock = await AgentLock.acquire(stateDir);
  try {
    return await runLocked(stateDir, options, context);
  } finally {
    await lock.release();
  }
}

async function runLocked(stateDir: string, options: AgentOptions, context: AgentContext): Promise<AgentExit> {
  const { logger } = context;
  const store = await IdentityStore.open(stateDir);
  const machine = await openMachine(stateDir, options, logger);
  context.onDriver?.(machine.executor.driver);
  const registration =
    store.registration ?? (await enrolPatiently(store, options, { ...context, ...machine }));
  if (!registration) return { kind: 'DRAINED' };
  const uplink = new Uplink(systemClock);
  const { identity } = store;
  const site = await makeSite({ options, context, machine, uplink, registration, identity });
  try {
    return await new Agent({ ...machine, options, site, store, registration, uplink }).run(context);
  } finally {
    await machine.cgroups.clear();
  }
}

/** A server that starts at the same time is waited for; null when the agent was asked to stop first. */
async function enrolPatiently(
  store: IdentityStore,
  options: AgentOptions,
  { signal, logger, executor }: AgentContext & { readonly executor: Executor },
): Promise<Registration | null> {
  const { enrolmentToken } = options;
  if (enrolmentToken === undefined) throw unregistered(options);
  for (let attempt = 0; !signal.aborted; attempt += 1) {
    try {
      return await enrol(store, { ...options, enrolmentToken, labels: labelsOf(options, executor) });
    } catch (error) {
      if (!isTransient(error)) throw error;
      logger.warn({ err: error }, 'not enrolled yet');
      await systemClock.sleep(fullJitterMs(attempt, ENROL_BACKOFF), signal).catch(() => undefined);
    }
  }
  return null;
}

function unregistered({ stateDir }: AgentOptions): DomainError {
  return new DomainError(
    ErrorCode.UNAUTHENTICATED,
    `no worker is registered in the state directory ${stateDir}; expected an enrolment token (slipway worker enrol)`,
  );
}

interface SiteParts {
  readonly options: AgentOptions;
  readonly context: AgentContext;
  readonly machine: Machine;
  readonly uplink: Uplink;
  readonly registration: Registration;
  readonly identity: SigningKeyPair;
}

async function makeSite(parts: SiteParts): Promise<BuildSite> {
  const { options, context, machine, uplink, registration, identity } = parts;
  const { workspaceDir, executor, ledger } = machine;
  return {
    workspaceDir,
    searchPath: options.searchPath ?? defaultSearchPath,
    gitCaFile: (await checkCaFile(options.gitCaFile)) ?? null,
    banner: [
      `slipway agent ${options.version}, worker ${options.hostname} (${registration.workerId})`,
      `node ${process.version}, ${process.platform} ${process.arch}`,
    ],
    logCapBytes: options.logCapBytes,
    artifactCapBytes: options.artifactCapBytes,
    uploader: new HttpUploader({ serverUrl: options.serverUrl, identity, uplink, clock: systemClock }),
    executor,
    ledger,
    reports: new Reports(uplink),
    clock: systemClock,
    logger: context.logger,
  };
}
