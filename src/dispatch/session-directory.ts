import { classKey, type WorkerClass } from './worker-class.js';
import type { WorkerSession } from './worker-session.js';

/** Sessions of one class that have free slots. */
export interface ClassCapacity {
  readonly workerClass: WorkerClass;
  readonly sessions: readonly WorkerSession[];
  readonly freeSlots: number;
}

/** The sessions whose sockets this replica holds. */
export class SessionDirectory {
  readonly #byId = new Map<string, WorkerSession>();
  readonly #byClass = new Map<string, Set<WorkerSession>>();

  add(session: WorkerSession): void {
    this.#byId.set(session.id, session);
    const key = classKey(session.identity.workerClass);
    const members = this.#byClass.get(key) ?? new Set();
    this.#byClass.set(key, members.add(session));
  }

  remove(session: WorkerSession): void {
    this.#byId.delete(session.id);
    const key = classKey(session.identity.workerClass);
    const members = this.#byClass.get(key);
    members?.delete(session);
    if (members?.size === 0) this.#byClass.delete(key);
  }

  find(sessionId: string): WorkerSession | undefined {
    return this.#byId.get(sessionId);
  }

  all(): WorkerSession[] {
    return [...this.#byId.values()];
  }

  ids(): string[] {
    return [...this.#byId.keys()];
  }

  /** The session of a worker, if this replica holds it. */
  ofWorker(workerId: string): WorkerSession | undefined {
    return this.all().find((session) => session.workerId === workerId);
  }

  /** Classes with free slots, as far as is known here; only those for `target` when one is given. */
  capacities(target?: string): ClassCapacity[] {
    const capacities: ClassCapacity[] = [];
    for (const members of this.#byClass.values()) {
      const sessions = [...members].filter(({ freeSlots }) => freeSlots > 0);
      const [first] = sessions;
      if (first === undefined) continue;
      const { workerClass } = first.identity;
      if (target !== undefined && !workerClass.targets.includes(target)) continue;
      const freeSlots = sessions.reduce((sum, session) => sum + session.freeSlots, 0);
      capacities.push({ workerClass, sessions, freeSlots });
    }
    return capacities;
  }
}
