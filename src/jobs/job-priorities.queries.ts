import type { Queryable } from '../database/queryable.js';

/** Priorities of jobs: those of their lanes. */
export async function findJobPriorities(
  db: Queryable,
  jobIds: readonly string[],
): Promise<ReadonlyMap<string, number>> {
  const { rows } = await db.query<{ id: string; priority: number }>(
    `select jobs.id, lanes.priority from jobs join lanes on lanes.id = jobs.lane_id where jobs.id = any($1::uuid[])`,
    [jobIds],
  );
  return new Map(rows.map(({ id, priority }) => [id, priority]));
}
