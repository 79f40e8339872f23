import { DomainError, ErrorCode, notFound, quote, ValidationError } from '../base/errors.js';
import { isUniqueViolation } from '../database/failures.js';
import { originOf, type GitUrl } from '../git/git-url.js';
import { checkCloneUrl } from './clone-url.js';
import { checkCredential, type CheckedCredential, type CredentialInput } from './credential.js';
import { askRemote } from './default-branch.js';
import { checkBranch, checkNumbers, type Optional, type RepoNumbers } from './repo-fields.js';
import { checkSlug, parseRepoName } from './repo-name.js';
import type { ReposContext } from './repos.js';
import { changeRepo, findRepo, type RepoChange, type RepoRecord } from './repos.queries.js';

/** What changes of a repo; what is not given stays. */
export interface UpdateRepoInput extends RepoNumbers {
  /** "org/name" as it is now. */
  readonly repo: string;
  /** The version that the caller has seen; another one is a CONFLICT. */
  readonly expectedVersion?: Optional<number>;
  readonly name?: Optional<string>;
  readonly cloneUrl?: Optional<string>;
  readonly defaultBranch?: Optional<string>;
  readonly active?: Optional<boolean>;
  readonly credential?: Optional<CredentialInput>;
  readonly removeCredential?: Optional<boolean>;
}

/**
 * Changes a repo's settings, all or none. A credential is tried before it is kept, and belongs to one server: another
 * clone URL than that server's needs it again. Throws NOT_FOUND, CONFLICT (with the current version), ValidationError,
 * and GitError where the remote does not take the credential.
 */
export async function updateRepo(context: ReposContext, input: UpdateRepoInput): Promise<RepoRecord> {
  checkFields(input);
  const repo = await findRepo(context.db, parseRepoName(input.repo));
  if (repo === undefined) throw notFound('repo', input.repo);
  const expected = input.expectedVersion ?? repo.version;
  if (expected !== repo.version) throw changedMeanwhile(repo);
  const credential = await judgeCredential(context, repo, input);
  if (!(await write(context, { ...input, id: repo.id, version: expected, credential }))) {
    throw changedMeanwhile((await findRepo(context.db, repo)) ?? repo);
  }
  return repo;
}

function checkFields(input: UpdateRepoInput): void {
  if (typeof input.name === 'string') checkSlug('name', input.name);
  checkBranch(input.defaultBranch);
  checkNumbers(input);
  if (input.credential && input.removeCredential === true) {
    throw ValidationError.of('removeCredential', true, 'either a credential or its removal');
  }
}

/** What becomes of the credential, once the remote has taken it. */
async function judgeCredential(
  { git, credentials }: ReposContext,
  repo: RepoRecord,
  input: UpdateRepoInput,
): Promise<RepoChange['credential']> {
  const url = checkCloneUrl(input.cloneUrl ?? repo.cloneUrl);
  if (input.credential) {
    const checked = checkCredential(input.credential, url);
    await askRemote(git, { url: url.url, credential: checked.credential });
    return storedForm(checked, credentials.seal(repo.id, checked));
  }
  if (input.removeCredential === true) return 'REMOVE';
  if (repo.hasCredential) assertSameServer(repo, url);
  return 'KEEP';
}

function storedForm({ credential, fingerprint }: CheckedCredential, envelope: Uint8Array) {
  return { kind: credential.kind, fingerprint, envelope };
}

/** Whoever may change a URL may not thereby have the credential sent to a server of their own. */
function assertSameServer(repo: RepoRecord, url: GitUrl): void {
  const before = originOf(checkCloneUrl(repo.cloneUrl));
  if (originOf(url) === before) return;
  throw ValidationError.of(
    'cloneUrl',
    url.url,
    `a URL of ${before}, for which the repo has a credential, or a new credential, or removeCredential`,
  );
}

async function write({ db }: ReposContext, change: RepoChange): Promise<boolean> {
  try {
    return await changeRepo(db, change);
  } catch (error) {
    if (!isUniqueViolation(error)) throw error;
    throw new DomainError(
      ErrorCode.CONFLICT,
      `name: another repo or project of the organisation is called ${quote(change.name)}`,
      {},
      { cause: error },
    );
  }
}

function changedMeanwhile({ org, name, version }: RepoRecord): DomainError {
  return new DomainError(
    ErrorCode.CONFLICT,
    `repo ${quote(`${org}/${name}`)} has version ${version} by now: read it again, then change it`,
    { currentVersion: version },
  );
}
