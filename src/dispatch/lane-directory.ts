import type { Queryable } from '../database/queryable.js';

/** What makes two jobs wait in the same line. */
export interface LaneKey {
  readonly repoId: string;
  readonly target: string;
  readonly requirements: Readonly<Record<string, string>>;
  readonly trusted: boolean;
  readonly priority: number;
  /** Jobs of a full concurrency group stand in nobody's way, since they have lanes of their own. */
  readonly concurrencyGroupId: string | null;
}

/** Lanes whose ids are remembered: a pipeline may name its concurrency groups after commits. */
const MOST_KNOWN = 10_000;

/** Finds the lane of a key, making it when there is none. Lanes are never removed, so their ids are remembered. */
export class LaneDirectory {
  readonly #known = new Map<string, Promise<string>>();

  constructor(private readonly source: Queryable) {}

  /** Id of the lane. Committed before it is returned: no transaction of the hot path waits for a lane's creation. */
  laneFor(key: LaneKey): Promise<string> {
    const text = JSON.stringify([
      key.repoId,
      key.target,
      sortedEntries(key.requirements),
      key.trusted,
      key.priority,
      key.concurrencyGroupId,
    ]);
    const known = this.#known.get(text);
    if (known !== undefined) return known;
    const found = this.#findOrCreate(key);
    this.#remember(text, found);
    return found;
  }

  #remember(text: string, found: Promise<string>): void {
    const oldest = this.#known.size < MOST_KNOWN ? undefined : this.#known.keys().next().value;
    if (oldest !== undefined) this.#known.delete(oldest);
    this.#known.set(text, found);
    found.catch(() => this.#known.delete(text));
  }

  async #findOrCreate(key: LaneKey): Promise<string> {
    const values = [
      key.repoId,
      key.target,
      key.requirements,
      key.trusted,
      key.priority,
      key.concurrencyGroupId,
    ];
    await this.source.query(
      `insert into lanes (repo_id, target, requirements, trusted, priority, concurrency_group_id)
       values ($1, $2, $3, $4, $5, $6) on conflict do nothing`,
      values,
    );
    const { rows } = await this.source.query<{ id: string }>(
      `select id from lanes where repo_id = $1 and target = $2 and requirements = $3 and trusted = $4 and priority = $5
         and concurrency_group_id is not distinct from $6`,
      values,
    );
    if (rows[0] === undefined) throw new Error(`repo ${key.repoId} vanished while its lane was made`);
    return rows[0].id;
  }
}

function sortedEntries(record: Readonly<Record<string, string>>): [string, string][] {
  return Object.entries(record).toSorted(([a], [b]) => (a < b ? -1 : 1));
}
