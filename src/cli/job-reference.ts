import type { Client } from './client/client.js';
import { CliError, usageError } from './cli-error.js';
import { findJob, type JobWithBuilds, listRepos, viewJob } from './operations.js';

/** How a user names a build: its number, the number with its repo, or a job id. */
export type JobReference =
  | { readonly kind: 'NUMBER'; readonly number: number; readonly repo: string | undefined }
  | { readonly kind: 'ID'; readonly id: string };

const NUMBER = /^(?:([^#\s]+\/[^#\s]+))?#?([1-9]\d{0,8})$/;
const ID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i;
/** Repos that one page of a list may hold. */
const MOST_REPOS = 100;

/** Reads `17`, `#17`, `org/repo#17` or a job id. Throws a usage error for anything else. */
export function parseJobReference(text: string, repo?: string): JobReference {
  if (ID.test(text)) return { kind: 'ID', id: text };
  const [, named, digits] = NUMBER.exec(text) ?? [];
  const isGlued = named !== undefined && !text.includes('#');
  if (digits === undefined || isGlued) {
    throw usageError(
      `build ${JSON.stringify(text)} is no reference, expected a number, org/repo#number or a job id`,
      'slipway build list',
    );
  }
  return { kind: 'NUMBER', number: Number(digits), repo: named ?? repo };
}

/** The job that a reference means. Throws a CliError NOT_FOUND. */
export async function findReferencedJob(client: Client, reference: JobReference): Promise<JobWithBuilds> {
  const id = reference.kind === 'ID' ? reference.id : await idOfNumber(client, reference);
  const found = id === undefined ? undefined : await client.find(viewJob, { id });
  if (found === undefined) throw noSuchBuild(reference);
  return found.job;
}

async function idOfNumber(
  client: Client,
  { number, repo }: JobReference & { kind: 'NUMBER' },
): Promise<string | undefined> {
  const repos = repo === undefined ? await allRepos(client) : [repo];
  const found = await Promise.all(repos.map((name) => client.find(findJob, { repo: name, number })));
  const jobs = found.flatMap((answer) => (answer === undefined ? [] : [answer.jobByNumber]));
  // Several repos may have a build of that number: people mean the newest.
  return jobs.toSorted((a, b) => b.createdAt.localeCompare(a.createdAt))[0]?.id;
}

async function allRepos(client: Client): Promise<string[]> {
  const { repos } = await client.request(listRepos, { first: MOST_REPOS, after: null });
  if (repos.pageInfo.hasNextPage) {
    throw usageError(`there are more than ${MOST_REPOS} repos`, 'name the repo: org/repo#number');
  }
  return repos.nodes.map(({ fullName }) => fullName);
}

function noSuchBuild(reference: JobReference): CliError {
  const name =
    reference.kind === 'ID'
      ? reference.id
      : `${reference.number}${reference.repo ? ` of ${reference.repo}` : ''}`;
  return new CliError('NOT_FOUND', `build ${name} was not found`, { next: 'slipway build list' });
}
