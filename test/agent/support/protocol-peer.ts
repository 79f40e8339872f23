import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { execute, GraphQLError, parse } from 'graphql';
import { useServer } from 'graphql-ws/use/ws';
import { WebSocketServer, type WebSocket } from 'ws';
import { makeEnrolmentToken } from '../../../src/protocol/enrolment-token.js';
import { verify } from '../../../src/protocol/identity.js';
import type {
  ConnectPayload,
  HeldBuild,
  HeldBuildAnswer,
  HeartbeatInput,
  ItemAnswer,
  LogChunk,
  SessionStatement,
} from '../../../src/protocol/messages.js';
import type {
  AcceptBuildsInput,
  AppendLogsInput,
  FinishBuildInput,
  RegisterWorkerInput,
} from '../../../src/protocol/operations.js';
import { acceptBytes, connectBytes, registerBytes } from '../../../src/protocol/signatures.js';
import { PeerKeys } from './peer-keys.js';
import { peerSchema } from './peer-schema.js';
import { PeerSession, type PeerTimes } from './peer-session.js';

/** One call of the agent. */
export interface PeerCall {
  readonly name: string;
  readonly input: unknown;
  readonly session: PeerSession | null;
}

/** Decides about a call instead of the peer: undefined leaves it to the peer, a thrown error is its answer. */
export type Intercept = (call: PeerCall) => unknown;

type Roots = Record<'query' | 'mutation' | 'subscription', Record<string, object>>;

type Extra = {
  readonly socket: WebSocket;
  peerSession?: PeerSession;
};

const WORKER = '00000000-0000-4000-8000-0000000000aa';

/** An error as the API answers it. */
export function apiError(code: string): GraphQLError {
  return new GraphQLError(`refused with ${code}`, { extensions: { code } });
}

/**
 * A server that speaks the worker's side of the protocol over real sockets, with real keys, seals and signatures, and
 * keeps what it hears. It has no database and no queue: what is pushed, is pushed by the test.
 */
export class ProtocolPeer {
  keys = new PeerKeys();
  readonly workerId = WORKER;
  readonly calls: PeerCall[] = [];
  readonly sessions: PeerSession[] = [];
  readonly times: PeerTimes;
  origin = '';
  intercept: Intercept = () => undefined;
  /** What the next sessions say of each build that an agent brings. */
  answerHeld: (held: HeldBuild) => HeldBuildAnswer = ({ build }) => ({ build, answer: 'ABANDON' });
  /** Falsifies the statements of the next sessions. */
  statement: Partial<SessionStatement> = {};
  reflectsBeats = true;
  /** Refuses the next connects with a close code. */
  refuseWith: number | null = null;
  identityKey: string | null = null;
  #watchers: (() => void)[] = [];
  readonly #http = createServer((request, response) => void this.#answerHttp(request, response));
  readonly #sockets = new WebSocketServer({ server: this.#http, path: '/graphql' });

  constructor(times: Partial<PeerTimes> = {}) {
    this.times = { heartbeatMs: 10_000, leaseMs: 60_000, buildLimit: 2, ...times };
    useServer<Record<string, unknown>, Extra>(
      {
        schema: peerSchema,
        roots: this.#roots() as Roots,
        context: (context) => ({ session: context.extra.peerSession ?? null }),
        onConnect: (context) =>
          this.#connect(context.connectionParams as unknown as ConnectPayload, context.extra),
        onDisconnect: (context) => context.extra.peerSession?.over(),
      },
      this.#sockets,
    );
  }

  async listen(port = 0): Promise<void> {
    this.#http.listen(port, '127.0.0.1');
    await once(this.#http, 'listening');
    this.origin = `http://127.0.0.1:${(this.#http.address() as AddressInfo).port}`;
  }

  async stop(): Promise<void> {
    for (const socket of this.#sockets.clients) socket.terminate();
    for (const session of this.sessions) session.over();
    this.#sockets.close();
    this.#http.close();
    this.#http.closeAllConnections();
    await once(this.#http, 'close');
  }

  /** Cuts every connection as a broken network does. */
  cut(): void {
    for (const socket of this.#sockets.clients) socket.terminate();
  }

  enrolmentToken(): string {
    return makeEnrolmentToken(this.keys.root.publicKey).token;
  }

  /** The first value that `look` finds, now or after any later call or connect. */
  until<T>(look: () => T | undefined | false): Promise<T> {
    return new Promise((resolve) => {
      const watch = (): void => {
        const found = look();
        if (found === undefined || found === false) return;
        this.#watchers = this.#watchers.filter((one) => one !== watch);
        resolve(found);
      };
      this.#watchers.push(watch);
      watch();
    });
  }

  /** The nth session (from 1) once its agent is ready. */
  async session(nth: number): Promise<PeerSession> {
    const session = await this.until(() => this.sessions[nth - 1]);
    await session.ready.promise;
    return session;
  }

  /** What was said by an operation, in order; items of lists one by one. */
  heard<Input>(name: string): Input[] {
    const calls = this.calls.filter((call) => call.name === name);
    return calls.flatMap(({ input }) => (Array.isArray(input) ? input : [input]) as Input[]);
  }

  /** The result of a build, once the agent has reported it. */
  result(build: string): Promise<FinishBuildInput['result']> {
    return this.until(
      () => this.heard<FinishBuildInput>('finishBuilds').find(({ buildId }) => buildId === build)?.result,
    );
  }

  /** The log of a step as it was stored: each chunk once, in order. */
  log(build: string, step: number): string {
    const items = this.heard<AppendLogsInput>('appendLogs').filter(({ buildId }) => buildId === build);
    const chunks = new Map<number, LogChunk>();
    for (const chunk of items.flatMap((item) => item.chunks))
      if (chunk.step === step) chunks.set(chunk.seq, chunk);
    const ordered = [...chunks.values()].sort((a, b) => a.seq - b.seq);
    return Buffer.concat(ordered.map(({ data }) => Buffer.from(data, 'base64'))).toString();
  }

  async #connect(payload: ConnectPayload, extra: Extra): Promise<Record<string, unknown> | boolean> {
    const { signature } = payload;
    if (this.refuseWith !== null) {
      extra.socket.close(this.refuseWith, 'refused by the test');
      return false;
    }
    if (!verify(this.identityKey ?? '', connectBytes(this.origin, payload), signature)) return false;
    const holds = JSON.parse(payload.holds) as HeldBuild[];
    const session = await PeerSession.open(payload, {
      origin: this.origin,
      keys: this.keys,
      epoch: this.sessions.length + 1,
      times: this.times,
      answers: holds.map((held) => this.answerHeld(held)),
      close: (code, reason) => extra.socket.close(code, reason),
    });
    extra.peerSession = session;
    this.sessions.push(session);
    this.#look();
    return { ...session.acknowledge(this.statement) };
  }

  #roots(): { query: object; mutation: object; subscription: object } {
    const items = ['refuseBuilds', 'startBuilds', 'updateSteps', 'appendLogs', 'finishBuilds'];
    const answers = items.map((name) => [name, this.#root(name, (call) => okItems(call))]);
    return {
      query: {
        workerChallenge: () => ({ challenge: randomBytes(16).toString('base64url'), expiresInMs: 30_000 }),
      },
      mutation: {
        ...(Object.fromEntries(answers) as object),
        registerWorker: this.#root('registerWorker', (call) => this.#register(call)),
        reportReady: this.#root('reportReady', ({ session }) => {
          session?.ready.resolve();
          return { ok: true };
        }),
        heartbeat: this.#root('heartbeat', (call) => this.#heartbeat(call)),
        acceptBuilds: this.#root('acceptBuilds', (call) => this.#accept(call)),
        updateWorker: this.#root('updateWorker', () => ({ id: WORKER, buildLimit: this.times.buildLimit })),
      },
      subscription: {
        buildPackages: (_: unknown, { session }: { session: PeerSession }) => session.frames(),
      },
    };
  }

  #root(name: string, answer: (call: PeerCall) => unknown) {
    return async ({ input }: { input?: unknown }, context: { session?: PeerSession | null } | undefined) => {
      const call = { name, input, session: context?.session ?? null };
      this.calls.push(call);
      try {
        return (await this.intercept(call)) ?? answer(call);
      } finally {
        this.#look();
      }
    };
  }

  #register({ input }: PeerCall): unknown {
    const { signature, ...fields } = input as RegisterWorkerInput;
    const bytes = registerBytes({ ...fields, serverOrigin: this.origin });
    if (!verify(fields.identityKey, bytes, signature)) throw apiError('FORBIDDEN');
    this.identityKey = fields.identityKey;
    const { targets, labels, buildLimit } = fields;
    const { heartbeatMs } = this.times;
    const rootKey = this.keys.root.publicKey;
    return {
      workerId: WORKER,
      rootKey,
      keySet: this.keys.signedSet,
      targets,
      labels,
      buildLimit,
      heartbeatMs,
    };
  }

  #heartbeat({ input, session }: PeerCall): unknown {
    const { number } = input as HeartbeatInput;
    if (this.reflectsBeats) session?.push([{ __typename: 'Beat', heartbeat: number }]);
    return { leaseMs: this.times.leaseMs, abandon: [], workerToken: null };
  }

  /** An accept counts when the identity key signed it and every nonce was inside the seal of this session. */
  #accept({ input, session }: PeerCall): unknown {
    const { builds, signature } = input as AcceptBuildsInput;
    const fields = { serverOrigin: this.origin, session: session!.id, epoch: session!.epoch };
    const isSigned = verify(this.identityKey!, acceptBytes({ ...fields, items: builds }), signature);
    return builds.map(({ buildId, nonce }) => {
      const isGood = isSigned && session!.nonces.get(buildId) === nonce;
      return {
        buildId,
        outcome: isGood ? 'OK' : 'FORBIDDEN',
        status: null,
        message: null,
        hardDeadlineMs: 60_000,
      };
    });
  }

  async #answerHttp(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    const { query, variables } = JSON.parse(Buffer.concat(chunks).toString()) as {
      query: string;
      variables: Record<string, unknown>;
    };
    const roots = this.#roots();
    const isMutation = query.trimStart().startsWith('mutation');
    const result = await execute({
      schema: peerSchema,
      document: parse(query),
      rootValue: isMutation ? roots.mutation : roots.query,
      variableValues: variables,
    });
    response.setHeader('content-type', 'application/json').end(JSON.stringify(result));
  }

  #look(): void {
    for (const watch of [...this.#watchers]) watch();
  }
}

function okItems({ input }: PeerCall): ItemAnswer[] {
  return (input as { buildId: string }[]).map(({ buildId }) => ({
    buildId,
    outcome: 'OK',
    status: null,
    message: null,
  }));
}
