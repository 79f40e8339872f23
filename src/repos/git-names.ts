/** Longest name of a ref; the file systems of most servers end at 255 bytes a component. */
const REF_LENGTH = 1024;

/** Space, control characters and what git's revision syntax means something by. */
const FORBIDDEN = /[\x00-\x20\x7f~^:?*[\\]/;

/** True for a full ref name such as `refs/heads/main` by the rules of `git check-ref-format`. */
export function isFullRef(name: string): boolean {
  return name.startsWith('refs/') && name.split('/').length >= 3 && isRefPath(name);
}

/** True for a branch's or a tag's name without `refs/heads/` or `refs/tags/`. */
export function isShortRef(name: string): boolean {
  return !name.startsWith('-') && name !== 'HEAD' && isRefPath(name);
}

/** True for a full SHA-1 or SHA-256 commit id in lower case. */
export function isCommitId(id: string): boolean {
  return /^(?:[0-9a-f]{40}|[0-9a-f]{64})$/.test(id);
}

/** True for the id of all zeros, by which hooks say that there is no commit. */
export function isNullCommit(id: string): boolean {
  return /^0+$/.test(id);
}

function isRefPath(name: string): boolean {
  if (name.length === 0 || name.length > REF_LENGTH || !name.isWellFormed()) return false;
  if (FORBIDDEN.test(name) || name.includes('..') || name.includes('@{') || name === '@') return false;
  if (name.endsWith('.')) return false;
  return name.split('/').every((part) => part !== '' && !part.startsWith('.') && !part.endsWith('.lock'));
}
