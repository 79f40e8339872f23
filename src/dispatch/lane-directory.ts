import type { Queryable } from '../database/queryable.js';

/** What makes two jobs wait in the same line. */
export interface LaneKey {
  readonly repoId: string;
  readonly target: string;
  readonly requirements: Readonly<Record<string, string>>;
  readonly trusted: boolean;
  readonly priority: number;
}

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
    ]);
    const known = this.#known.get(text);
    if (known !== undefined) return known;
    const found = this.#findOrCreate(key);
    this.#known.set(text, found);
    found.catch(() => this.#known.delete(text));
    return found;
  }

  async #findOrCreate(key: LaneKey): Promise<string> {
    const values = [key.repoId, key.target, key.requirements, key.trusted, key.priority];
    await this.source.query(
      `insert into lanes (repo_id, target, requirements, trusted, priority, weight)
       select $1, $2, $3, $4, $5, weight from repos where id = $1 on conflict do nothing`,
      values,
    );
    const { rows } = await this.source.query<{ id: string }>(
      `select id from lanes where repo_id = $1 and target = $2 and requirements = $3 and trusted = $4 and priority = $5`,
      values,
    );
    if (rows[0] === undefined) throw new Error(`repo ${key.repoId} vanished while its lane was made`);
    return rows[0].id;
  }
}

function sortedEntries(record: Readonly<Record<string, string>>): [string, string][] {
  return Object.entries(record).toSorted(([a], [b]) => (a < b ? -1 : 1));
}
