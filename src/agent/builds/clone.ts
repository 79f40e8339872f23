import { writeFile } from 'node:fs/promises';
import { DomainError, ValidationError } from '../../base/errors.js';
import type { PackageHead } from '../../protocol/messages.js';
import type { OutputSink, StepExit } from '../executor/executor.js';
import { readCheckoutUrl } from './checkout-url.js';
import { gitConfig } from './git-config.js';
import type { Workspace } from './workspace.js';

const COMMIT = /^(?:[0-9a-f]{40}|[0-9a-f]{64})$/;
/** What git takes for the name of a ref, minus all that means something else in a refspec or an option. */
const REF = /^[A-Za-z0-9](?!.*\.\.)[^\0-\x20\x7f~^:?*[\\]*$/;

/** A clone to make. */
export interface CloneRequest {
  readonly checkout: PackageHead['checkout'];
  readonly workspace: Workspace;
  /** Absolute path of the certificate authorities that count; null for the system's. */
  readonly caFile: string | null;
  /** Runs git with these words in the checkout, its output going to the log. */
  readonly git: (words: readonly string[]) => Promise<StepExit>;
  readonly output: OutputSink;
}

/** The checkout is there, or why it is not. */
export type CloneOutcome = { readonly kind: 'CLONED' } | { readonly kind: 'FAILED'; readonly error: string };

/** Makes the workspace's checkout: exactly the commit, as shallow as the other side allows, and no credential in it. */
export async function cloneCheckout(request: CloneRequest): Promise<CloneOutcome> {
  const { checkout, workspace } = request;
  const refusal = refuse(checkout);
  if (refusal !== undefined) return { kind: 'FAILED', error: refusal };
  await writeFile(workspace.gitConfig, gitConfig(readCheckoutUrl(checkout.url), request.caFile));
  const format = checkout.commit.length === 64 ? 'sha256' : 'sha1';
  const isReady =
    (await run(request, ['init', '--quiet', '--template=', `--object-format=${format}`, '--', '.'])) &&
    (await run(request, ['remote', 'add', '--', 'origin', checkout.url]));
  if (!isReady) return { kind: 'FAILED', error: 'git could not make a repository in the workspace' };
  if (!(await fetchCommit(request))) {
    return { kind: 'FAILED', error: `git could not fetch ${checkout.commit} from ${checkout.url}` };
  }
  const isOut = await run(request, ['checkout', '--quiet', '--detach', checkout.commit, '--']);
  return isOut
    ? { kind: 'CLONED' }
    : { kind: 'FAILED', error: `${checkout.url} has no commit ${checkout.commit} that git can check out` };
}

/** Some servers give out only what a ref names: then the ref is fetched, whole if the commit is not its tip. */
async function fetchCommit(request: CloneRequest): Promise<boolean> {
  const { commit, ref } = request.checkout;
  if (await run(request, ['fetch', '--quiet', '--no-tags', '--depth', '1', '--', 'origin', commit]))
    return true;
  await say(request, 'the commit alone cannot be had, fetching the ref');
  const refspec = ref === null ? '+refs/heads/*:refs/slipway/*' : `+${ref}:refs/slipway/head`;
  return run(request, ['fetch', '--quiet', '--no-tags', '--', 'origin', refspec]);
}

/** Traced like the commands of a step. The deadline or a cancel makes git fail, and so ends the clone. */
async function run(request: CloneRequest, words: readonly string[]): Promise<boolean> {
  await say(request, `$ git ${words.join(' ')}`);
  const exit = await request.git(words);
  if (exit.kind === 'NOT_STARTED') await say(request, `git could not be started: ${exit.error}`);
  return exit.kind === 'EXITED' && exit.code === 0;
}

async function say({ output }: CloneRequest, line: string): Promise<void> {
  await output(Buffer.from(`${line}\n`));
}

/** The package is signed, but what is in it was typed by people: nothing of it may become an option of git. */
function refuse({ url, ref, commit }: PackageHead['checkout']): string | undefined {
  try {
    readCheckoutUrl(url);
    if (!COMMIT.test(commit)) throw ValidationError.of('checkout.commit', commit, '40 or 64 hex digits');
    if (ref !== null && !REF.test(ref)) throw ValidationError.of('checkout.ref', ref, 'the name of a ref');
    return undefined;
  } catch (error) {
    if (error instanceof DomainError) return error.message;
    throw error;
  }
}
