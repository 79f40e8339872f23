import { DomainError } from '../base/errors.js';
import type { Logger } from '../base/logger.js';
import type { Clock } from '../base/clock.js';
import { updateWorker } from '../protocol/operations.js';
import type { AgentContext, AgentExit } from './agent-options.js';
import type { AgentParts } from './agent-parts.js';
import { StopCause } from './builds/build-control.js';
import { Builds } from './builds/builds.js';
import { ConnectionLoop, type Revocation } from './session/connection-loop.js';
import { SelfFence } from './session/self-fence.js';
import { WorkerLink } from './worker-link.js';

/** From asking builds to end to killing them, when the agent may not wait any longer. */
const STOP_GRACE_MS = 5_000;
/** How long stopped builds may take to be gone and their results to be heard; less when somebody is in a hurry. */
const LAST_WORDS_MS = 20_000;
const HURRIED_WORDS_MS = STOP_GRACE_MS + 2_000;

/** The life of a registered worker's process: sessions, builds, and the end of both. */
export class Agent {
  readonly #parts: AgentParts;
  readonly #builds: Builds;
  readonly #fence: SelfFence;
  readonly #connections: ConnectionLoop;
  readonly #clock: Clock;
  readonly #logger: Logger;

  constructor(parts: AgentParts) {
    this.#parts = parts;
    this.#clock = parts.site.clock;
    this.#logger = parts.site.logger;
    this.#builds = new Builds(parts.site);
    this.#fence = new SelfFence(this.#clock, (graceMs) => this.#fenceBuilds(graceMs));
    const link = new WorkerLink(parts, { builds: this.#builds, fence: this.#fence });
    this.#connections = new ConnectionLoop(link, parts.site);
  }

  /** Works until it is told to stop, or revoked. */
  async run({ signal, stopNow }: AgentContext): Promise<AgentExit> {
    const over = new AbortController();
    const connection = this.#connections.run(over.signal);
    const fence = this.#fence.run(over.signal);
    const supervision = this.#supervise(over.signal);
    try {
      const revocation = await Promise.race([connection, aborted(signal)]);
      return revocation ? await this.#endRevoked(revocation) : await this.#drain(stopNow);
    } finally {
      over.abort();
      await Promise.all([connection, fence, supervision]);
    }
  }

  /** No new work; what runs may end by itself, until it may not any more. */
  async #drain(stopNow: AbortSignal | undefined): Promise<AgentExit> {
    const { drainMs } = this.#parts.options;
    this.#builds.isDraining = true;
    this.#logger.info({ builds: this.#builds.held.size, drainMs }, 'draining');
    await Promise.race([this.#sayDraining(), aborted(stopNow)]);
    await this.#idleWithin(drainMs, stopNow);
    const reason = 'the agent was stopped';
    const stoppedBuilds = this.#builds.held.endAll({
      cause: StopCause.AGENT_STOPPED,
      reason,
      graceMs: STOP_GRACE_MS,
    });
    await this.#idleWithin(stopNow?.aborted ? HURRIED_WORDS_MS : LAST_WORDS_MS);
    return stoppedBuilds === 0 ? { kind: 'DRAINED' } : { kind: 'STOPPED', stoppedBuilds };
  }

  /** Without a session nothing is pushed; the next one is told at its start. */
  async #sayDraining(): Promise<void> {
    try {
      await this.#parts.uplink.session?.call(updateWorker, { input: { acceptsWork: false } });
    } catch (error) {
      if (!(error instanceof DomainError)) throw error;
      this.#logger.warn({ err: error }, 'the server was not told that the worker drains');
    }
  }

  async #endRevoked({ reason }: Revocation): Promise<AgentExit> {
    this.#logger.error({ reason }, 'this worker is revoked');
    this.#builds.isDraining = true;
    this.#builds.abandon(this.#builds.held.ids);
    await this.#idleWithin(LAST_WORDS_MS);
    return { kind: 'REVOKED', reason };
  }

  /** Who was stopped and goes on again learns by this that its builds are over. */
  #supervise(signal: AbortSignal): Promise<void> {
    const silenceLimitMs = (): number | null => this.#fence.killInMs;
    const reason = 'the agent was silent for too long, and its supervisor ended all builds';
    const onSilence = (): void => {
      this.#builds.held.endAll({ cause: StopCause.LEASE_ENDING, reason, graceMs: 0 });
    };
    return this.#parts.supervisor.run({ silenceLimitMs, onSilence }, signal);
  }

  #fenceBuilds(graceMs: number): void {
    const reason = 'the agent ended it: the server has not answered until shortly before the lease ends';
    const ended = this.#builds.held.endAll({ cause: StopCause.LEASE_ENDING, reason, graceMs });
    if (ended > 0) this.#logger.error({ builds: ended, graceMs }, 'no word of the server: ending the builds');
  }

  async #idleWithin(limitMs: number, stopNow?: AbortSignal): Promise<void> {
    const over = new AbortController();
    const limit = this.#clock.sleep(limitMs, over.signal).catch(() => undefined); // Idle in time.
    await Promise.race([this.#builds.idle(), limit, aborted(stopNow)]);
    over.abort();
  }
}

/** Resolves when the signal is aborted; never without one. */
function aborted(signal: AbortSignal | undefined): Promise<null> {
  return new Promise((resolve) => {
    if (signal?.aborted) resolve(null);
    else signal?.addEventListener('abort', () => resolve(null), { once: true });
  });
}
