import { writeFile } from 'node:fs/promises';
import { DomainError, ValidationError } from '../../base/errors.js';
import { withGitAccess, refuseAccess } from '../../git/git-access.js';
import { GIT_URL_EXPECTED, type GitUrl, readGitUrl } from '../../git/git-url.js';
import type { CloneCredential, PackageHead } from '../../protocol/messages.js';
import type { OutputSink } from '../executor/executor.js';
import type { GitCall, RunGit } from './clone-git.js';
import { explainFetch } from './explain-fetch.js';
import { gitConfig } from './git-config.js';
import { OutputTail } from './output-tail.js';
import type { Workspace } from './workspace.js';

const COMMIT = /^(?:[0-9a-f]{40}|[0-9a-f]{64})$/;
/** What git takes for the name of a ref, minus all that means something else in a refspec or an option. */
const REF = /^[A-Za-z0-9](?!.*\.\.)[^\0-\x20\x7f~^:?*[\\]*$/;

/** A clone to make. */
export interface CloneRequest {
  readonly checkout: PackageHead['checkout'];
  /** For the fetch alone; null for none. */
  readonly credential: CloneCredential | null;
  readonly workspace: Workspace;
  /** Absolute path of the certificate authorities that count; null for the system's. */
  readonly caFile: string | null;
  readonly git: RunGit;
  /** The log. */
  readonly output: OutputSink;
}

/** A request whose URL has been read. */
interface Cloning extends CloneRequest {
  readonly source: GitUrl;
}

/** The checkout is there, or why it is not. */
export type CloneOutcome = { readonly kind: 'CLONED' } | { readonly kind: 'FAILED'; readonly error: string };

/** Makes the workspace's checkout: exactly the commit, as shallow as the other side allows, and no credential in it. */
export async function cloneCheckout(request: CloneRequest): Promise<CloneOutcome> {
  const source = judge(request);
  if (typeof source === 'string') return { kind: 'FAILED', error: source };
  const cloning = { ...request, source };
  const { checkout, workspace } = request;
  await writeFile(workspace.gitConfig, gitConfig(source, request.caFile));
  const format = checkout.commit.length === 64 ? 'sha256' : 'sha1';
  const isReady =
    (await run(cloning, ['init', '--quiet', '--template=', `--object-format=${format}`, '--', '.'])) &&
    (await run(cloning, ['remote', 'add', '--', 'origin', checkout.url]));
  if (!isReady) return { kind: 'FAILED', error: 'git could not make a repository in the workspace' };
  const failure = await fetchCommit(cloning);
  if (failure !== undefined) return { kind: 'FAILED', error: failure };
  const isOut = await run(cloning, ['checkout', '--quiet', '--detach', checkout.commit, '--']);
  return isOut
    ? { kind: 'CLONED' }
    : { kind: 'FAILED', error: `${checkout.url} has no commit ${checkout.commit} that git can check out` };
}

/**
 * Some servers give out only what a ref names: then the ref is fetched, whole if the commit is not its tip. Gives why
 * the commit could not be had, undefined when it is there.
 */
async function fetchCommit(cloning: Cloning): Promise<string | undefined> {
  const { commit, ref } = cloning.checkout;
  const alone = await fetchNames(cloning, ['--depth', '1', '--', 'origin', commit]);
  if (alone === undefined || !alone.mayBeInRef) return alone?.reason;
  await say(cloning, 'the commit alone cannot be had, fetching the ref');
  const refspec = ref === null ? '+refs/heads/*:refs/slipway/*' : `+${ref}:refs/slipway/head`;
  return (await fetchNames(cloning, ['--', 'origin', refspec]))?.reason;
}

/** The only command that sees the credential. Undefined when it succeeded. */
async function fetchNames(
  cloning: Cloning,
  names: readonly string[],
): Promise<ReturnType<typeof explainFetch> | undefined> {
  const { source, credential, checkout, output } = cloning;
  const tail = new OutputTail(output);
  const words = ['fetch', '--quiet', '--no-tags', ...names];
  const isDone = await withGitAccess({ url: source, credential }, (access) =>
    run(cloning, words, { access, output: (bytes) => tail.write(bytes) }),
  );
  if (isDone) return undefined;
  const explained = explainFetch(tail.text, { checkout, url: source, shown: credential?.kind ?? null });
  await say(cloning, explained.reason);
  return explained;
}

/** Traced like the commands of a step. The deadline or a cancel makes git fail, and so ends the clone. */
async function run(
  cloning: Cloning,
  words: readonly string[],
  options: Partial<Omit<GitCall, 'words'>> = {},
): Promise<boolean> {
  await say(cloning, `$ git ${words.join(' ')}`);
  const exit = await cloning.git({ output: cloning.output, ...options, words });
  if (exit.kind === 'NOT_STARTED') await say(cloning, `git could not be started: ${exit.error}`);
  return exit.kind === 'EXITED' && exit.code === 0;
}

async function say({ output }: CloneRequest, line: string): Promise<void> {
  await output(Buffer.from(`${line}\n`));
}

/** The package is signed, but what is in it was typed by people: nothing of it may become an option of git. */
function judge({ checkout: { url, ref, commit }, credential }: CloneRequest): GitUrl | string {
  try {
    const source = readGitUrl(url);
    if (source === undefined) throw ValidationError.of('checkout.url', url, GIT_URL_EXPECTED);
    if (!COMMIT.test(commit)) throw ValidationError.of('checkout.commit', commit, '40 or 64 hex digits');
    if (ref !== null && !REF.test(ref)) throw ValidationError.of('checkout.ref', ref, 'the name of a ref');
    return refuseAccess(source, credential) ?? source;
  } catch (error) {
    if (error instanceof DomainError) return error.message;
    throw error;
  }
}
