import { createHash } from 'node:crypto';
import type { FileHandle } from 'node:fs/promises';
import type { Mask } from '../masking/mask.js';
import { findArtifacts, type FoundFile } from './find-artifacts.js';
import type { Uploader, UploadOwner } from './uploader.js';

/** Files of one step; the server counts those of a build. */
const MAX_FILES = 1_000;
const MAX_NOTICES = 20;

/** What a step leaves, and how. */
export interface Collection {
  readonly checkout: string;
  readonly globs: readonly string[];
  readonly owner: UploadOwner;
  /** As it is reported. */
  readonly step: number;
  readonly mask: Mask;
  readonly capBytes: number;
  readonly uploader: Uploader;
  /** Aborted: nothing more is looked for. */
  readonly signal: AbortSignal;
}

/** Uploads the files that a step's globs fit; gives what its log should say, line by line. Never fails the step. */
export async function* collectArtifacts(collection: Collection): AsyncGenerator<string> {
  const { checkout, globs, signal } = collection;
  let files = 0;
  let notices = 0;
  for await (const finding of findArtifacts(checkout, globs)) {
    if (signal.aborted) return;
    if (finding.kind === 'FILE' && (files += 1) > MAX_FILES) {
      yield `a step leaves at most ${MAX_FILES} artifacts: the rest is left out`;
      return;
    }
    const problem = finding.kind === 'FILE' ? await keep(finding.file, collection) : finding.notice;
    if (problem !== null && (notices += 1) <= MAX_NOTICES) yield problem;
  }
  if (notices > MAX_NOTICES) yield `${notices - MAX_NOTICES} more remarks on artifacts are left out`;
}

async function keep(found: FoundFile, collection: Collection): Promise<string | null> {
  const { path } = found;
  const { mask, capBytes } = collection;
  if (/[\0-\x1f\x7f\\\uFFFD]/.test(path)) return `artifact ${JSON.stringify(path)}: its name cannot be kept`;
  if (mask.text(path) !== path) return 'an artifact has a secret in its name: it is not kept';
  const opened = await found.open();
  if (opened.kind === 'MISSING') return `artifact ${path}: it was gone before it could be read`;
  if (opened.kind === 'REFUSED') return `artifact ${path} ${opened.reason}: it is not kept`;
  try {
    if (opened.bytes > capBytes)
      return `artifact ${path} has ${opened.bytes} bytes, kept are at most ${capBytes}: it is left out`;
    return await upload(opened, path, collection);
  } finally {
    await opened.file.close();
  }
}

/** As many bytes as the file had when it was opened: one that still grows is kept up to there. */
async function upload(
  { file, bytes }: { readonly file: FileHandle; readonly bytes: number },
  path: string,
  { owner, step, uploader, signal }: Collection,
): Promise<string | null> {
  const read = (): AsyncIterable<Buffer> => readBytes(file, bytes);
  const hash = createHash('sha256');
  let found = 0;
  for await (const chunk of read()) {
    if (signal.aborted) return null;
    hash.update(chunk);
    found += chunk.byteLength;
  }
  if (found !== bytes) return `artifact ${path}: it shrank while it was read and is not kept`;
  const described = { step, path, bytes, sha256: hash.digest('hex') };
  const problem = await uploader.upload({ owner, file: described, read, signal });
  return problem === null ? null : `artifact ${path} is not kept: ${problem}`;
}

const READ_BYTES = 64 * 1024;

async function* readBytes(file: FileHandle, bytes: number): AsyncGenerator<Buffer> {
  for (let at = 0; at < bytes;) {
    const chunk = Buffer.allocUnsafe(Math.min(READ_BYTES, bytes - at));
    const { bytesRead } = await file.read(chunk, 0, chunk.length, at);
    if (bytesRead === 0) return;
    at += bytesRead;
    yield chunk.subarray(0, bytesRead);
  }
}
