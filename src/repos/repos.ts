import { randomUUID } from 'node:crypto';
import { DomainError, ErrorCode, quote } from '../base/errors.js';
import type { Queryable } from '../database/queryable.js';
import { defaultTarget } from '../projects/index.js';
import { checkCloneUrl } from './clone-url.js';
import { checkCredential, type CheckedCredential, type CredentialInput } from './credential.js';
import { askRemote, readDefaultBranch } from './default-branch.js';
import type { Git } from './git.js';
import type { RepoCredentials } from './repo-credentials.js';
import { checkBranch, checkNumbers, type Optional, type RepoNumbers } from './repo-fields.js';
import { checkSlug } from './repo-name.js';
import { findRepo, insertRepo, type RepoRecord } from './repos.queries.js';

/** What makes a repo known. */
export interface AddRepoInput extends RepoNumbers {
  readonly org: string;
  readonly name: string;
  /** A path, `file:///…`, `https://…` or an ssh address; see {@link checkCloneUrl}. */
  readonly cloneUrl: string;
  /** Asked from the remote when it is not given. */
  readonly defaultBranch?: Optional<string>;
  /** What the clone shows to the remote. */
  readonly credential?: Optional<CredentialInput>;
}

/** What operations on repos work with. */
export interface ReposContext {
  readonly db: Queryable;
  readonly git: Git;
  readonly credentials: RepoCredentials;
}

/**
 * Adds a repo with its root project. Adding what is there already (same name, same clone URL, no other default branch or
 * credential) gives it back, so that a call may be repeated; anything else of that name is a CONFLICT that says what
 * exists. A credential is tried before it is kept. Throws ValidationError for input that cannot be taken, and GitError
 * when the remote cannot be asked.
 */
export async function addRepo(context: ReposContext, input: AddRepoInput): Promise<RepoRecord> {
  const credential = checkInput(input);
  const existing = await findRepo(context.db, input);
  if (existing !== undefined) return assertSame(context, existing, { input, credential });
  const defaultBranch = await chooseBranch(context.git, input, credential);
  const id = randomUUID();
  const added = await insertRepo(context.db, {
    ...input,
    id,
    defaultBranch,
    targets: [await defaultTarget(context.db)],
    credential: credential && {
      kind: credential.credential.kind,
      fingerprint: credential.fingerprint,
      envelope: context.credentials.seal(id, credential),
    },
  });
  if (added !== undefined) return added;
  const winner = await findRepo(context.db, input);
  if (winner === undefined) throw new Error('a repo that stood in the way is gone');
  return assertSame(context, winner, { input, credential });
}

function checkInput(input: AddRepoInput): CheckedCredential | null {
  checkSlug('org', input.org);
  checkSlug('name', input.name);
  checkBranch(input.defaultBranch);
  checkNumbers(input);
  const url = checkCloneUrl(input.cloneUrl);
  return input.credential ? checkCredential(input.credential, url) : null;
}

/** The remote is asked for its default branch, or to try the credential. */
async function chooseBranch(
  git: Git,
  { defaultBranch, cloneUrl }: AddRepoInput,
  checked: CheckedCredential | null,
): Promise<string> {
  const remote = { url: cloneUrl, credential: checked?.credential ?? null };
  if (typeof defaultBranch !== 'string') return readDefaultBranch(git, remote);
  if (checked !== null) await askRemote(git, remote);
  return defaultBranch;
}

async function assertSame(
  { credentials }: ReposContext,
  existing: RepoRecord,
  { input, credential }: { readonly input: AddRepoInput; readonly credential: CheckedCredential | null },
): Promise<RepoRecord> {
  const branch = input.defaultBranch ?? existing.defaultBranch;
  const isSame =
    existing.cloneUrl === input.cloneUrl &&
    existing.defaultBranch === branch &&
    (credential === null || (await credentials.isStored(existing.id, credential)));
  if (isSame) return existing;
  const { org, name, cloneUrl, defaultBranch } = existing;
  throw new DomainError(
    ErrorCode.CONFLICT,
    `repo ${quote(`${org}/${name}`)} exists with clone URL ${quote(cloneUrl)} and default branch ${quote(defaultBranch)}` +
      (credential === null ? '' : ', and with another credential or none'),
    { repo: { org, name, cloneUrl, defaultBranch } },
  );
}
