import { randomUUID } from 'node:crypto';
import { deferred } from '../../../src/base/deferred.js';
import type { WorkerSessionPort } from '../../../src/graphql/index.js';
import type { Frame, ItemAnswer } from '../../../src/protocol/messages.js';

/** A worker's session as the edge sees one: it answers OK to every item, and remembers what it was told. */
export class TestSession implements WorkerSessionPort {
  readonly id = randomUUID();
  readonly epoch = 1;
  /** Settles with the code that the socket was closed with. */
  readonly closed = deferred<number>();
  readonly streamed = deferred<void>();
  readonly calls: string[] = [];
  #close: (code: number, reason: string) => void = () => {};

  constructor(
    readonly workerId: string,
    private readonly frameList: readonly Frame[] = [],
  ) {}

  async *frames(): AsyncGenerator<Frame> {
    this.streamed.resolve();
    yield* this.frameList;
    await this.closed.promise;
  }

  ready = () => Promise.resolve({ ok: true });
  heartbeat = () => Promise.resolve({ leaseMs: 60_000, abandon: [], workerToken: null });
  acceptBuilds = (input: { builds: readonly { buildId: string }[] }) =>
    Promise.resolve(answer(input.builds).map((item) => ({ ...item, hardDeadlineMs: 1000 })));
  refuseBuilds = (items: readonly { buildId: string }[]) => this.#answer('refuseBuilds', items);
  startBuilds = (items: readonly { buildId: string }[]) => this.#answer('startBuilds', items);
  updateSteps = (items: readonly { buildId: string }[]) => this.#answer('updateSteps', items);
  appendLogs = (items: readonly { buildId: string }[]) => this.#answer('appendLogs', items);
  finishBuilds = (items: readonly { buildId: string }[]) => this.#answer('finishBuilds', items);
  createUploads = (items: readonly { buildId: string }[]) =>
    Promise.resolve(answer(items).map((item) => ({ ...item, uploadIds: [] })));
  updateWorker = () => Promise.resolve({ id: this.workerId });

  socketClosed(code: number): void {
    this.closed.resolve(code);
  }

  onClose(listener: (code: number, reason: string) => void): void {
    this.#close = listener;
  }

  /** What the server does to a session that is superseded. */
  closeFromServer(code: number): void {
    this.#close(code, 'the test says so');
  }

  #answer(operation: string, items: readonly { buildId: string }[]): Promise<ItemAnswer[]> {
    this.calls.push(operation);
    return Promise.resolve(answer(items));
  }
}

function answer(items: readonly { buildId: string }[]): ItemAnswer[] {
  return items.map(({ buildId }) => ({ buildId, outcome: 'OK', status: null, message: null }));
}
