/** What an error of the database means for whoever asked. */
export type StoreFailure =
  /** The row itself cannot be stored (SQLSTATE classes 22 and 23, and P0001 of our guards). */
  | 'BAD_ROW'
  /** Another transaction was in the way (40001, 40P01, 55P03): the same again may well succeed. */
  | 'CONTENTION'
  /** No answer or no connection: whether a commit happened is unknown. */
  | 'UNREACHABLE'
  /** A defect of ours. */
  | 'DEFECT';

const CONTENTION = new Set(['40001', '40P01', '55P03']);
/** Admin shutdown, crash shutdown, cannot connect now, too many connections, and a time-out of ours. */
const UNREACHABLE_STATES = new Set(['57P01', '57P02', '57P03', '53300', '57014', '25P03']);
const UNREACHABLE_CODES = new Set([
  'ECONNREFUSED',
  'ECONNRESET',
  'EPIPE',
  'ETIMEDOUT',
  'ENOTFOUND',
  'ENOENT',
  'EHOSTUNREACH',
]);
const UNREACHABLE_TEXTS =
  /connection (terminated|timeout|ended)|connection error|timeout expired|client was closed|cannot use a pool/i;

/** Classifies an error thrown by pg or by TypeORM over it. */
export function storeFailure(error: unknown): StoreFailure {
  const code = codeOf(error);
  if (code !== undefined) {
    if (/^(22|23)/.test(code) || code === 'P0001') return 'BAD_ROW';
    if (CONTENTION.has(code)) return 'CONTENTION';
    if (code.startsWith('08') || UNREACHABLE_STATES.has(code) || UNREACHABLE_CODES.has(code))
      return 'UNREACHABLE';
  }
  return error instanceof Error && UNREACHABLE_TEXTS.test(error.message) ? 'UNREACHABLE' : 'DEFECT';
}

/** True when a row was refused since another one has the same key. */
export function isUniqueViolation(error: unknown): boolean {
  return codeOf(error) === '23505';
}

function codeOf(error: unknown): string | undefined {
  if (typeof error !== 'object' || error === null) return undefined;
  const { code, driverError } = error as { code?: unknown; driverError?: unknown };
  return typeof code === 'string' ? code : codeOf(driverError);
}
