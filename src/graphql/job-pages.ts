import { ValidationError } from '../base/errors.js';
import { listJobs, type Job, type JobFilter } from '../jobs/index.js';
import { findRepo, parseRepoName } from '../repos/index.js';
import type { GraphqlContext } from './context.js';
import type { JobsFilter } from './inputs/jobs-filter.js';
import { readPage, type Page, type PageArguments } from './page.js';

/** Microseconds since the epoch, and an id. */
const SORTED_BY = [/^\d{1,16}$/, /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/];

/** A page of jobs, newest first; empty for a repo that is not there. */
export async function readJobs(
  context: GraphqlContext,
  args: PageArguments,
  wanted: JobsFilter,
): Promise<Page<Job>> {
  const filter = await readFilter(context, wanted);
  return readPage(
    {
      name: 'jobs',
      sortedBy: SORTED_BY,
      find: async (page) => (filter === 'NOTHING' ? [] : listJobs(context.db, { ...page, ...filter })),
      load: (ids) => context.loaders.job.loadMany(ids),
    },
    args,
  );
}

async function readFilter(context: GraphqlContext, wanted: JobsFilter): Promise<JobFilter | 'NOTHING'> {
  const name = typeof wanted.repo === 'string' ? parseRepoName(wanted.repo, 'filter.repo') : undefined;
  const repo = name && (await findRepo(context.db, name));
  if (name && !repo) return 'NOTHING';
  if (wanted.branch === '') throw ValidationError.of('filter.branch', '', 'the name of a branch');
  return {
    repoId: repo?.id,
    state: wanted.state ?? undefined,
    branch: wanted.branch ?? undefined,
    event: wanted.event ?? undefined,
  };
}
