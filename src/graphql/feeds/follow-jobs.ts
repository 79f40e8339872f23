import { abortableIterator } from '../../base/abortable-iterator.js';
import { notFound } from '../../base/errors.js';
import { HintInbox } from '../../database/hint-inbox.js';
import type { HintTopics } from '../../database/hints.js';
import type { Job } from '../../jobs/index.js';
import { findRepo, parseRepoName } from '../../repos/index.js';
import { authorize } from '../authorize.js';
import type { GraphqlContext } from '../context.js';
import { readId } from '../ids.js';

/** Arguments of `jobUpdated`. */
export interface JobFeedArguments {
  readonly job?: string | null;
  readonly group?: string | null;
  readonly repo?: string | null;
}

/** Which jobs, by their ids; what is undefined is not looked at. */
interface JobScope {
  readonly job: string | undefined;
  readonly group: string | undefined;
  readonly repo: string | undefined;
}

/** A hint may be lost: jobs that are named are looked at this often without one. */
const POLL_MS = 2000;

/** Jobs as they change, read from their rows. Named ones, or those of a group, come first as they are now. */
export function followJobs(
  context: GraphqlContext,
  args: JobFeedArguments,
): AsyncGenerator<Job, void, undefined> {
  authorize(context, 'job.read');
  return abortableIterator(async function* (signal) {
    const scope = await readScope(context, args);
    const inbox = new HintInbox(context.hints, 'job.updated', (hint) =>
      isWithin(scope, hint) ? hint.job : undefined,
    );
    const take = (): Promise<readonly string[]> => inbox.take(context.clock, { waitMs: POLL_MS, signal });
    try {
      yield* scope.job !== undefined || scope.group !== undefined
        ? watchNamed(context, scope, take)
        : watchHinted(context, scope, take);
    } finally {
      inbox.close();
    }
  });
}

/** A few jobs, all read whenever there may be something new; each is told when it differs from what was told. */
async function* watchNamed(
  context: GraphqlContext,
  scope: JobScope,
  untilMore: () => Promise<unknown>,
): AsyncGenerator<Job, void, undefined> {
  const told = new Map<string, string>();
  for (;;) {
    await context.recheck();
    for (const job of await readNamed(context, scope)) {
      if (told.get(job.id) === versionOf(job)) continue;
      told.set(job.id, versionOf(job));
      yield job;
    }
    await untilMore();
  }
}

async function* watchHinted(
  context: GraphqlContext,
  scope: JobScope,
  take: () => Promise<readonly string[]>,
): AsyncGenerator<Job, void, undefined> {
  for (;;) {
    const ids = await take();
    if (ids.length === 0) continue;
    await context.recheck();
    for (const job of await context.loaders.job.loadMany(ids)) {
      if (isJob(job) && isWithin(scope, { job: job.id, group: job.groupId, repo: job.repoId })) yield job;
    }
  }
}

async function readNamed({ loaders }: GraphqlContext, scope: JobScope): Promise<readonly Job[]> {
  const jobs =
    scope.job !== undefined
      ? [await loaders.job.load(scope.job)].filter((job) => job !== null)
      : await loaders.jobsOfGroup.load(scope.group ?? '');
  return jobs.filter((job) => isWithin(scope, { job: job.id, group: job.groupId, repo: job.repoId }));
}

/** Throws NOT_FOUND for what is not there, rather than to wait for it for ever. */
async function readScope(context: GraphqlContext, args: JobFeedArguments): Promise<JobScope> {
  const { loaders, db } = context;
  const job = typeof args.job === 'string' ? readId('job', args.job) : undefined;
  const group = typeof args.group === 'string' ? readId('group', args.group) : undefined;
  if (job !== undefined && (await loaders.job.load(job)) === null) throw notFound('job', job);
  if (group !== undefined && (await loaders.group.load(group)) === null) throw notFound('group', group);
  if (typeof args.repo !== 'string') return { job, group, repo: undefined };
  const repo = await findRepo(db, parseRepoName(args.repo));
  if (!repo) throw notFound('repo', args.repo);
  return { job, group, repo: repo.id };
}

function isWithin(scope: JobScope, job: HintTopics['job.updated']): boolean {
  return (
    (scope.job === undefined || scope.job === job.job) &&
    (scope.group === undefined || scope.group === job.group) &&
    (scope.repo === undefined || scope.repo === job.repo)
  );
}

function isJob(row: Job | Error | null): row is Job {
  return row !== null && !(row instanceof Error);
}

function versionOf(job: Job): string {
  return `${job.state} ${job.attempt} ${job.updatedAt.getTime()}`;
}
