import { randomUUID } from 'node:crypto';
import type { SessionStatement } from '../protocol/messages.js';
import type { UpdateWorkerInput } from '../protocol/operations.js';
import type { AgentParts } from './agent-parts.js';
import { AcceptQueue } from './builds/accept-queue.js';
import type { Builds, Limits } from './builds/builds.js';
import { readMachineFacts, type MachineFacts } from './machine-facts.js';
import { connect } from './session/connect.js';
import type { ConnectionHost } from './session/connection-loop.js';
import type { SelfFence } from './session/self-fence.js';
import { serveSession, type SessionHost } from './session/serve-session.js';
import type { Session } from './session/session.js';

/** Free disk below which no offer is taken. */
const MIN_FREE_DISK_BYTES = 256 * 1024 * 1024;

/** Ties sessions to the builds of this machine: what goes out, and what comes in. */
export class WorkerLink implements ConnectionHost {
  readonly #parts: AgentParts;
  readonly #builds: Builds;
  readonly #fence: SelfFence;
  readonly #serverOrigin: string;
  /** The same for all sessions of this process: another one would mean that the agent restarted. */
  readonly #bootId = randomUUID();

  constructor(parts: AgentParts, { builds, fence }: { readonly builds: Builds; readonly fence: SelfFence }) {
    this.#parts = parts;
    this.#builds = builds;
    this.#fence = fence;
    this.#serverOrigin = new URL(parts.options.serverUrl).origin;
  }

  connect(): Promise<Session> {
    const { options, store, registration, clean, site } = this.#parts;
    return connect({
      serverUrl: options.serverUrl,
      store,
      registration: store.registration ?? registration,
      bootId: this.#bootId,
      holds: this.#builds.held.phases(),
      clean,
      clock: site.clock,
    });
  }

  async serve(session: Session): Promise<void> {
    const { uplink, site } = this.#parts;
    const { session: id, epoch, leaseMs, holds } = session.statement;
    site.logger.info({ session: id, epoch }, 'connected');
    this.#fence.renew(session.sentAt, leaseMs);
    this.#builds.resume(holds);
    uplink.attach(session);
    try {
      await serveSession(session, this.#hostOf(session), site);
    } finally {
      uplink.detach(session);
    }
  }

  #hostOf(session: Session): SessionHost {
    const { logger } = this.#parts.site;
    const accepts = this.#acceptsOn(session);
    return {
      serverOrigin: this.#serverOrigin,
      offered: (offer) => {
        const work = this.#limits(session.statement).then((limits) =>
          this.#builds.offer(offer, limits, { session, accepts }),
        );
        void work.catch((error: unknown) => logger.warn({ err: error }, 'an offer was not dealt with'));
      },
      cancel: (event) => this.#builds.cancel(event),
      update: () => this.#introduction(session.statement),
      facts: async () => ({ holds: this.#builds.held.ids, ...(await this.#machine()) }),
      renewed: (sentAt, leaseMs) => this.#fence.renew(sentAt, leaseMs),
      abandon: (builds) => this.#builds.abandon(builds),
    };
  }

  #acceptsOn(session: Session): AcceptQueue {
    const { store, site } = this.#parts;
    return new AcceptQueue(session, {
      serverOrigin: this.#serverOrigin,
      identity: store.identity,
      clock: site.clock,
      logger: site.logger,
      resources: async () => {
        const { freeDiskBytes, freeMemoryBytes } = await this.#machine();
        return { freeDiskBytes, freeMemoryBytes };
      },
    });
  }

  async #limits({ buildLimit }: SessionStatement): Promise<Limits> {
    const { options } = this.#parts;
    const { freeDiskBytes } = await this.#machine();
    return {
      buildLimit: Math.min(options.buildLimit, buildLimit),
      freeDiskBytes,
      minFreeDiskBytes: options.minFreeDiskBytes ?? MIN_FREE_DISK_BYTES,
      targets: options.targets,
    };
  }

  #machine(): Promise<MachineFacts> {
    return readMachineFacts(this.#parts.site.workspaceDir);
  }

  /** A worker may only ever lower its limit. */
  #introduction(statement: SessionStatement): UpdateWorkerInput {
    const { version, buildLimit } = this.#parts.options;
    return {
      version,
      ...(buildLimit < statement.buildLimit ? { buildLimit } : {}),
      ...(this.#builds.isDraining ? { acceptsWork: false } : {}),
    };
  }
}
