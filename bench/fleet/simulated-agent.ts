import { randomUUID } from 'node:crypto';
import { join } from 'node:path';
import { AcceptQueue } from '../../src/agent/builds/accept-queue.js';
import { LogStreamer } from '../../src/agent/builds/log-streamer.js';
import { Reports } from '../../src/agent/builds/reports.js';
import { maskOf } from '../../src/agent/masking/build-mask.js';
import { connect } from '../../src/agent/session/connect.js';
import { enrol } from '../../src/agent/session/enrol.js';
import type { Offer } from '../../src/agent/session/open-frame.js';
import { serveSession } from '../../src/agent/session/serve-session.js';
import type { Session } from '../../src/agent/session/session.js';
import { Uplink } from '../../src/agent/session/uplink.js';
import { IdentityStore } from '../../src/agent/state/identity-store.js';
import { openStateDir } from '../../src/agent/state/state-dir.js';
import { systemClock } from '../../src/base/clock.js';
import { deferred } from '../../src/base/deferred.js';
import { createLogger } from '../../src/base/logger.js';
import type { AppendLogsInput } from '../../src/protocol/operations.js';
import type { BuildResult } from '../../src/protocol/messages.js';
import { logBytes } from '../log-bytes.js';
import { machineMs } from '../machine-clock.js';
import type { FleetPlan, Life } from './messages.js';

const RESOURCES = { freeDiskBytes: 1e12, freeMemoryBytes: 1e11 };
const tools = { clock: systemClock, logger: createLogger({ name: 'fleet', level: 'warn' }) };

const SUCCESS = { status: 'SUCCESS', exitCode: 0, failureKind: null, error: null } as const;

/** What a simulated agent is told by its process. */
export interface AgentTasks {
  readonly noteLife: (life: Life) => void;
  /** Bytes that the log of a build that starts now shall have. */
  readonly logBytes: () => number;
}

/** The step of a pipeline's first step. */
const STEP = 2;

/** The agent's own session, keys, seals and reports around builds that succeed at once: only the steps are missing. */
export class SimulatedAgent {
  readonly #uplink = new Uplink(systemClock);
  readonly #reports = new Reports(this.#uplink);
  readonly #held = new Set<string>();
  #served: Promise<void> = Promise.resolve();

  private constructor(
    private readonly session: Session,
    private readonly store: IdentityStore,
    private readonly tasks: AgentTasks,
  ) {}

  /** Enrols a worker and opens its session; resolves when it is ready for work. */
  static async join(plan: FleetPlan, name: string, tasks: AgentTasks): Promise<SimulatedAgent> {
    const { serverUrl, enrolmentToken, target, slots } = plan;
    const store = await IdentityStore.open(await openStateDir(join(plan.stateDir, name)));
    const worker = { hostname: name, targets: [target], labels: [], buildLimit: slots };
    const registration = await enrol(store, { serverUrl, enrolmentToken, ...worker });
    const bootId = randomUUID();
    const session = await connect({
      serverUrl,
      store,
      registration,
      bootId,
      holds: [],
      clean: true,
      ...tools,
    });
    const agent = new SimulatedAgent(session, store, tasks);
    await agent.#serve(new URL(serverUrl).origin);
    return agent;
  }

  /** Says goodbye; resolves when the session is over. */
  async leave(): Promise<void> {
    this.session.close(1000, 'the bench is over');
    await this.#served;
  }

  /** Resolves with the first heartbeat, which comes after the report that the agent is ready. */
  async #serve(serverOrigin: string): Promise<void> {
    const { session, store } = this;
    const ready = deferred<void>();
    const resources = () => Promise.resolve(RESOURCES);
    const accepts = new AcceptQueue(session, { serverOrigin, identity: store.identity, ...tools, resources });
    this.#uplink.attach(session);
    this.#served = serveSession(
      session,
      {
        serverOrigin,
        offered: (offer) => void this.#live(offer, accepts),
        cancel: () => undefined,
        update: () => ({ version: 'bench' }),
        renewed: () => undefined,
        abandon: () => undefined,
        facts: () => {
          ready.resolve();
          return Promise.resolve({ holds: [...this.#held], ...RESOURCES, load: 0 });
        },
      },
      tools,
    );
    await Promise.race([ready.promise, session.closed]);
  }

  async #live(offer: Offer, accepts: AcceptQueue): Promise<void> {
    const openedMs = machineMs();
    const { build: buildId, checkout } = offer.head;
    this.#held.add(buildId);
    const accepted = await accepts.accept(offer);
    const acceptedMs = machineMs();
    const credential = { buildId, token: offer.content.buildToken };
    if (accepted?.outcome === 'OK') {
      await this.#reports.starts.send(credential);
      const result = { ...SUCCESS, outputs: [], logs: await this.#writeLog(offer, credential) };
      const ended = await this.#reports.ends.send({ ...credential, result });
      if (ended.outcome === 'OK') this.tasks.noteLife({ commit: checkout.commit, openedMs, acceptedMs });
      else tools.logger.error({ ended }, 'a build was not ended');
    } else {
      tools.logger.error({ accepted }, 'an accept was not taken');
    }
    this.#held.delete(buildId);
  }

  /** The log by the agent's own streamer, masked for the build's token, at the speed that it allows. */
  async #writeLog(
    offer: Offer,
    credential: { buildId: string; token: string },
  ): Promise<BuildResult['logs']> {
    const total = this.tasks.logBytes();
    if (total === 0) return [];
    const send = async (chunks: AppendLogsInput['chunks']): Promise<boolean> =>
      (await this.#reports.logs.send({ ...credential, chunks })).outcome === 'OK';
    const mask = maskOf(offer.content);
    const streamer = new LogStreamer(send, { clock: systemClock, mask, capBytes: Infinity });
    for (const bytes of logBytes(total)) await streamer.step(STEP).write(bytes);
    await streamer.drain();
    return streamer.lengths();
  }
}
