import { createHmac, randomBytes, timingSafeEqual } from 'node:crypto';
import { toBase64url, tryFromBase64url } from '../protocol/encoding.js';
import { lp } from '../protocol/lp.js';

/** How long a worker has to answer. */
export const CHALLENGE_LIFE_MS = 30_000;

const NONCE_BYTES = 16;
const TIME_BYTES = 8;
const MAC_BYTES = 32;
const CHALLENGE_BYTES = NONCE_BYTES + TIME_BYTES + MAC_BYTES;

/** What decides about a challenge; `nowMs` in milliseconds since the epoch. */
export interface ChallengeContext {
  /** `ServerKeys.challengeKey`. */
  readonly key: Uint8Array;
  readonly workerId: string;
  readonly nowMs: number;
}

/**
 * A challenge for a worker, stateless: nonce, end and MAC. Whether the worker exists is not looked at, so that the
 * answer does not tell.
 */
export function makeChallenge(context: ChallengeContext): {
  readonly challenge: string;
  readonly expiresInMs: number;
} {
  const nonce = randomBytes(NONCE_BYTES);
  const expiresAtMs = context.nowMs + CHALLENGE_LIFE_MS;
  const time = Buffer.alloc(TIME_BYTES);
  time.writeBigUInt64BE(BigInt(expiresAtMs));
  const mac = macOf(context, nonce, expiresAtMs);
  return { challenge: toBase64url(Buffer.concat([nonce, time, mac])), expiresInMs: CHALLENGE_LIFE_MS };
}

/** A challenge that is ours and not over, or why it is refused. */
export type ChallengeCheck =
  | { readonly outcome: 'valid'; readonly nonce: Uint8Array; readonly expiresAt: Date }
  | { readonly outcome: 'rejected'; readonly reason: 'MALFORMED' | 'NOT_OURS' | 'EXPIRED' };

/**
 * Checks a challenge that a worker answers. It says nothing of reuse: the transaction that opens the session inserts
 * `nonce` and `expiresAt` into `used_nonces`, and a conflict there is a replay.
 */
export function challengeNonce(challenge: string, context: ChallengeContext): ChallengeCheck {
  const bytes = tryFromBase64url(challenge, CHALLENGE_BYTES);
  if (!bytes) return { outcome: 'rejected', reason: 'MALFORMED' };
  const nonce = bytes.subarray(0, NONCE_BYTES);
  const expiresAtMs = Number(Buffer.from(bytes).readBigUInt64BE(NONCE_BYTES));
  // A time that no double holds can only be somebody else's making, and is no number that could be signed.
  const isOurs = Number.isSafeInteger(expiresAtMs) && isMac(bytes, macOf(context, nonce, expiresAtMs));
  if (!isOurs) return { outcome: 'rejected', reason: 'NOT_OURS' };
  if (context.nowMs > expiresAtMs) return { outcome: 'rejected', reason: 'EXPIRED' };
  return { outcome: 'valid', nonce, expiresAt: new Date(expiresAtMs) };
}

function macOf({ key, workerId }: ChallengeContext, nonce: Uint8Array, expiresAtMs: number): Buffer {
  return createHmac('sha256', key)
    .update(lp('slipway/challenge/v1', workerId, nonce, expiresAtMs))
    .digest();
}

function isMac(challenge: Uint8Array, expected: Buffer): boolean {
  return timingSafeEqual(challenge.subarray(-MAC_BYTES), expected);
}
