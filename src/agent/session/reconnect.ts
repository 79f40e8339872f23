import { fullJitterMs } from '../../base/backoff.js';
import { CloseCode } from '../../protocol/close-codes.js';

const BACKOFF = { baseMs: 500, maxMs: 15_000 };
/** A worker that may hold builds tries at least this often within a lease: one long pause must not cost them. */
const TRIES_PER_LEASE = 6;

/** What to do when a connection ended or could not be made. */
export type AfterClose = { readonly kind: 'STOP' } | { readonly kind: 'RETRY'; readonly afterMs: number };

/** The end of a connection, as far as it decides. */
export interface ConnectionEnd {
  /** Null: the server was not reached. */
  readonly closeCode: number | null;
  /** Connections in a row that came to nothing. */
  readonly failures: number;
  /** Of the last session; null before the first. */
  readonly leaseMs: number | null;
}

/**
 * A revoked worker stops for good; everybody else comes back, with full jitter between 0.5 and 15 s as failures add
 * up, and never more than a sixth of its lease. When the server drains all its workers come at once: they spread over a third of their lease.
 */
export function afterClose(end: ConnectionEnd, random = Math.random): AfterClose {
  const { closeCode, failures, leaseMs } = end;
  if (closeCode === CloseCode.REVOKED) return { kind: 'STOP' };
  if (closeCode === CloseCode.SERVER_DRAINING && failures === 0) {
    return { kind: 'RETRY', afterMs: random() * Math.min(BACKOFF.maxMs, (leaseMs ?? 0) / 3) };
  }
  const maxMs = Math.min(BACKOFF.maxMs, (leaseMs ?? Infinity) / TRIES_PER_LEASE);
  return { kind: 'RETRY', afterMs: fullJitterMs(failures, { ...BACKOFF, maxMs }, random) };
}
