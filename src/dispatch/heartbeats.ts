import { groupBy } from '../base/group-by.js';
import { Batcher } from '../database/batcher.js';
import type { HotConnection } from '../database/hot-connection.js';
import { renewSessions, type SessionLease } from '../workers/index.js';

/** What the rows say of a session whose heartbeat has come. */
export type Renewal =
  | { readonly kind: 'RENEWED'; readonly buildLimit: number; readonly leases: readonly SessionLease[] }
  | { readonly kind: 'CLOSED' };

/** Renews sessions: one statement for all heartbeats that arrived together. */
export class Heartbeats {
  readonly #batcher: Batcher<string, Renewal>;

  constructor(private readonly options: { connection: HotConnection; leaseMs: number }) {
    this.#batcher = new Batcher({
      name: 'heartbeat',
      keyOf: (sessionId) => sessionId,
      run: (sessionIds) => this.#run(sessionIds),
      maxSize: 5_000,
    });
  }

  renew(sessionId: string): Promise<Renewal> {
    return this.#batcher.add(sessionId);
  }

  async #run(sessionIds: readonly string[]): Promise<Renewal[]> {
    const { open, leases } = await this.options.connection.transaction((transaction) =>
      renewSessions(transaction, sessionIds, this.options.leaseMs),
    );
    const bySession = groupBy(leases, ({ session_id }) => session_id);
    return sessionIds.map((id) => {
      const buildLimit = open.get(id);
      return buildLimit === undefined
        ? { kind: 'CLOSED' }
        : { kind: 'RENEWED', buildLimit, leases: bySession.get(id) ?? [] };
    });
  }
}
