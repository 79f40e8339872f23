import type { SessionLease } from '../workers/index.js';

/** Accepted leases that are missing from so many heartbeats in a row are lost: the agent has forgotten them. */
const FORGOTTEN_AFTER = 2;

/** Accepted builds that an agent does not speak of any more: they are lost, and wait for no lease to end. */
export class ForgottenBuilds {
  #missing = new Map<string, number>();

  /** Compares what the rows and the agent say; answers the builds that the agent has forgotten. */
  compare(leases: readonly SessionLease[], holds: readonly string[]): string[] {
    const held = new Set(holds);
    const absent = leases.filter(({ build_id, accepted }) => accepted && !held.has(build_id));
    this.#missing = new Map(absent.map(({ build_id }) => [build_id, (this.#missing.get(build_id) ?? 0) + 1]));
    return [...this.#missing].filter(([, times]) => times >= FORGOTTEN_AFTER).map(([buildId]) => buildId);
  }
}
