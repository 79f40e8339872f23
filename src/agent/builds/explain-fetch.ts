import { type Asked, explainFailure } from '../../git/explain-failure.js';
import { classifyGitFailure, firstComplaint, GitFailure } from '../../git/git-failure.js';
import type { PackageHead } from '../../protocol/messages.js';

/** Why a fetch failed. */
export interface FetchFailure {
  readonly reason: string;
  /** False when asking for the ref instead of the commit would end the same way. */
  readonly mayBeInRef: boolean;
}

/** Reads out of git's words why it could not fetch a commit. */
export function explainFetch(
  words: string,
  { checkout: { url, commit }, ...asked }: Asked & { readonly checkout: PackageHead['checkout'] },
): FetchFailure {
  const what = classifyGitFailure(words, asked.url);
  const meaning = explainFailure(what, asked) ?? firstComplaint(words);
  const reason = `git could not fetch ${commit} from ${url}${meaning === '' ? '' : `: ${meaning}`}`;
  return { reason, mayBeInRef: explainFailure(what, asked) === undefined && what !== GitFailure.UNREACHABLE };
}
