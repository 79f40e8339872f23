import type { Git } from './git.js';

/** What stands at a path of a commit. */
export type TreeFile =
  | { readonly kind: 'FILE'; readonly path: string; readonly text: string }
  | { readonly kind: 'ABSENT' }
  /** There is something, but nothing that can be read as a text: a link, a directory, too large, not UTF-8. */
  | { readonly kind: 'UNREADABLE'; readonly path: string; readonly reason: string };

interface Entry {
  readonly mode: string;
  readonly object: string;
  readonly bytes: number;
  readonly path: string;
}

/** Reads the first of the paths that is there, as it is in the tree: links are never followed. Throws GitError. */
export async function readTreeFile(request: {
  readonly git: Git;
  readonly dir: string;
  readonly commit: string;
  readonly paths: readonly string[];
  readonly maxBytes: number;
  readonly signal?: AbortSignal | undefined;
}): Promise<TreeFile> {
  const { git, dir, commit, paths, maxBytes, signal } = request;
  const listing = await git.local(dir, ['ls-tree', '-l', '-z', '--full-tree', commit, '--', ...paths], {
    signal,
  });
  const entries = listing.toString('utf8').split('\0').filter(Boolean).map(parseEntry);
  const entry = paths
    .map((path) => entries.find((one) => one.path === path))
    .find((one) => one !== undefined);
  if (entry === undefined) return { kind: 'ABSENT' };
  const reason = reasonAgainst(entry, maxBytes);
  if (reason !== null) return { kind: 'UNREADABLE', path: entry.path, reason };
  const bytes = await git.local(dir, ['cat-file', 'blob', entry.object], { signal, maxBytes });
  return decode(entry.path, bytes);
}

/** `<mode> <type> <object> <size>\t<path>`; the size of what is no blob is `-`. */
function parseEntry(line: string): Entry {
  const [fields = '', path = ''] = splitOnce(line, '\t');
  const [mode = '', , object = '', size = ''] = fields.split(/ +/);
  return { mode, object, bytes: Number(size), path };
}

function splitOnce(text: string, separator: string): [string, string] {
  const at = text.indexOf(separator);
  return [text.slice(0, at), text.slice(at + 1)];
}

function reasonAgainst(entry: Entry, maxBytes: number): string | null {
  if (entry.mode === '120000') return 'it is a symbolic link, expected a file';
  if (!entry.mode.startsWith('100')) return 'it is no file, expected one';
  return entry.bytes > maxBytes ? `it has ${entry.bytes} bytes, expected at most ${maxBytes}` : null;
}

function decode(path: string, bytes: Buffer): TreeFile {
  try {
    return { kind: 'FILE', path, text: new TextDecoder('utf-8', { fatal: true }).decode(bytes) };
  } catch (error) {
    if (!(error instanceof TypeError)) throw error;
    return { kind: 'UNREADABLE', path, reason: 'it is not UTF-8, expected text' };
  }
}
