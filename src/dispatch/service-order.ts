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
