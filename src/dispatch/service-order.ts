/**
 * The order in which waiting jobs are served: first by the priority that their lane has come to, then organisations in
 * turn, within an organisation its repos, within a repo its lanes. Turns are strides: an owner's virtual time moves on
 * by 1 / weight with each start, and the least is next. A claim takes many jobs at once, so the turns within it are
 * counted out here: the n-th job of an owner starts n - 1 strides later.
 *
 * `jobs` is a relation with the columns priority, rank (of the lane within its repo), position (of the job within its
 * lane, from 1), repo_id, repo_vtime, repo_weight, organisation_id, organisation_vtime, organisation_weight. The result
 * has `columns` of it and `turn`: order it by {@link SERVED_FIRST}. `keep` may leave rows out by `in_repo`, the
 * position of a job within its repo.
 */
export function inServiceOrder(jobs: string, columns: string, keep = 'true'): string {
  return `
    select ${columns}, priority, organisation_id,
      organisation_vtime + (row_number() over (partition by organisation_id
        order by priority desc, repo_turn, repo_id) - 1) / organisation_weight::double precision as turn
    from (
      select *, repo_vtime + (in_repo - 1) / repo_weight::double precision as repo_turn
      from (
        select *, row_number() over (partition by repo_id order by priority desc, position, rank) as in_repo
        from (${jobs}) waiting
      ) of_repo
      where ${keep}
    ) of_organisation`;
}

/** See {@link inServiceOrder}. */
export const SERVED_FIRST = 'priority desc, turn, organisation_id';

/**
 * Lanes with what their place depends on: `risen`, the priority that they have come to, and the virtual times of their
 * owners. `lanes` has the columns id, repo_id, repo_weight, organisation_id, organisation_weight, priority and rank_at;
 * `clock` must be there, with `now`.
 *
 * A lane's priority has grown by the time since its last start, but never over the highest among all: alone among its
 * equals nobody gains by waiting, or a long backlog would stand in front of every newcomer.
 *
 * The virtual time of an owner is at least that of the start which was last served ("start-time fair queueing"; the
 * vtime of an owner is where its next start begins, so its last one was a stride before): who comes, or comes back from
 * a limit or another target, has no credit to catch up with.
 */
export function placedLanes(
  lanes: string,
  { workerClass, agingMs }: { readonly workerClass: string; readonly agingMs: string },
): string {
  const share = (owner: string): string => `
    lateral (select vtime from shares where worker_class = ${workerClass}::uuid and owner_id = ${owner} limit 1)`;
  return `
    select l.*, 1 as position,
      least(max(l.priority) over (), greatest(l.priority, floor(
        extract(epoch from (select now from clock) - l.rank_at) * 1000 / ${agingMs}::integer)))::integer as risen,
      greatest(coalesce(of_repo.vtime, 0), coalesce(
        max(of_repo.vtime - 1 / l.repo_weight::double precision) over (partition by l.organisation_id), 0)) as repo_vtime,
      greatest(coalesce(of_organisation.vtime, 0), coalesce(
        max(of_organisation.vtime - 1 / l.organisation_weight::double precision) over (), 0)) as organisation_vtime
    from ${lanes} l
    left join ${share('l.repo_id')} of_repo on true
    left join ${share('l.organisation_id')} of_organisation on true`;
}
