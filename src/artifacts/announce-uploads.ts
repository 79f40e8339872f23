import type { Pool } from 'pg';
import { inTransaction } from '../database/transaction.js';
import { isStorable } from '../base/text.js';
import { announceFiles, type AnnouncedFile, findAnnounced, lockAndCount } from './artifacts.queries.js';

const MAX_PATH_CHARS = 1_000;
const SHA256 = /^[0-9a-f]{64}$/;

/** How much a build may leave. */
export interface ArtifactLimits {
  readonly fileBytes: number;
  readonly buildBytes: number;
  readonly buildFiles: number;
}

/** Whose files are announced. */
export interface Announcement {
  readonly buildId: string;
  readonly workerId: string;
  readonly files: readonly AnnouncedFile[];
}

/** What came of an announcement; the ids are in the order of the files. */
export type AnnouncementOutcome =
  | { readonly kind: 'ANNOUNCED'; readonly ids: readonly string[] }
  | { readonly kind: 'REFUSED'; readonly reason: string }
  | { readonly kind: 'STALE' };

/** Says under which ids files of a build may be uploaded. Repeated, it says the same. */
export async function announceUploads(
  pool: Pool,
  { buildId, workerId, files }: Announcement,
  limits: ArtifactLimits,
): Promise<AnnouncementOutcome> {
  const problem = files.map((file) => problemOf(file, limits)).find((each) => each !== null);
  if (problem !== undefined) return { kind: 'REFUSED', reason: problem };
  return inTransaction(pool, async (db) => {
    const before = await lockAndCount(db, buildId, files);
    const bytes = files.reduce((sum, file) => sum + file.bytes, before.bytes);
    if (before.files + files.length > limits.buildFiles)
      return refused(`a build leaves at most ${limits.buildFiles} artifacts`);
    if (bytes > limits.buildBytes)
      return refused(`the artifacts of a build have at most ${limits.buildBytes} bytes together`);
    if (!(await announceFiles(db, { buildId, workerId }, files))) return { kind: 'STALE' };
    const announced = await findAnnounced(db, buildId, files);
    const ids = files.map(
      ({ step, path }) => announced.find((each) => each.step === step && each.path === path)?.id,
    );
    if (ids.every((id) => id !== undefined)) return { kind: 'ANNOUNCED', ids };
    return refused('an artifact of this path has come already, with other content');
  });
}

function problemOf({ path, bytes, sha256 }: AnnouncedFile, { fileBytes }: ArtifactLimits): string | null {
  if (!isPlainPath(path)) return `${JSON.stringify(path.slice(0, 100))}: expected a path below the checkout`;
  if (!Number.isSafeInteger(bytes) || bytes < 0) return `${path}: ${bytes} bytes given, expected a size`;
  if (bytes > fileBytes) return `${path} has ${bytes} bytes: an artifact has at most ${fileBytes}`;
  if (!SHA256.test(sha256)) return `${path}: expected a SHA-256 as hex digits`;
  return null;
}

/** The path becomes the name of a file on the machine of whoever downloads it. */
function isPlainPath(path: string): boolean {
  const isText = isStorable(path) && !/[\0-\x1f\x7f\\]/.test(path) && path.length <= MAX_PATH_CHARS;
  return isText && path.split('/').every((part) => part !== '' && part !== '.' && part !== '..');
}

function refused(reason: string): AnnouncementOutcome {
  return { kind: 'REFUSED', reason };
}
