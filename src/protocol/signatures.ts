/**
 * The exact bytes under every signature between a worker and the server. Each function takes what travelled, as it
 * travelled, and hashes it here; docs/PROTOCOL.md lists the fields in the same order. Hashes stand as base64url text,
 * booleans as 1 and 0, lists as one nested field.
 */
import { sha256Text } from './hash.js';
import { lp, lpList } from './lp.js';
import type { AcceptItem, ConnectPayload } from './messages.js';

/** What a worker signs when it registers. */
export interface RegisterFields {
  readonly serverOrigin: string;
  /** The enrolment token; only its hash is signed. */
  readonly token: string;
  readonly identityKey: string;
  readonly hostname: string;
  readonly targets: readonly string[];
  readonly labels: readonly { readonly name: string; readonly value: string }[];
  readonly buildLimit: number;
}

/** Signed by the identity key: a registration for this server, this token and no more than this. */
export function registerBytes(fields: RegisterFields): Uint8Array {
  return lp(
    'slipway/register/v1',
    fields.serverOrigin,
    sha256Text(fields.token),
    fields.identityKey,
    fields.hostname,
    canonicalAbilities(fields),
  );
}

/** Everything of a {@link ConnectPayload} that its signature covers. */
export type ConnectFields = Omit<ConnectPayload, 'role' | 'signature'>;

/** Signed by the identity key: opens one session with the server of this origin. */
export function connectBytes(serverOrigin: string, payload: ConnectFields): Uint8Array {
  return lp(
    'slipway/connect/v1',
    payload.version,
    serverOrigin,
    payload.challenge,
    payload.workerId,
    payload.bootId,
    payload.lastEpoch,
    payload.sessionKey,
    sha256Text(payload.holds),
    payload.clean ? 1 : 0,
  );
}

/** Signed by a server key of purpose `session`: the text of `ConnectAck.statement`. */
export function sessionStatementBytes(statement: string): Uint8Array {
  return lp('slipway/session/v1', statement);
}

/** What a frame's signature binds its packages to. */
export interface OfferFields {
  readonly serverOrigin: string;
  readonly worker: string;
  readonly session: string;
  readonly epoch: number;
  readonly frameSeq: number;
  /** The frame's packages in their order, as they travel. */
  readonly packages: readonly { readonly head: string; readonly seal: string }[];
}

/** Signed by a server key of purpose `offer`: all packages of one frame, for one session of one worker. */
export function offerBytes(fields: OfferFields): Uint8Array {
  return lp(
    'slipway/offer/v1',
    fields.serverOrigin,
    fields.worker,
    fields.session,
    fields.epoch,
    fields.frameSeq,
    lpList(fields.packages.map(({ head }) => sha256Text(head))),
    lpList(fields.packages.map(({ seal }) => sha256Text(seal))),
  );
}

/** What an accept binds: the session and each offer with the nonce that was inside its seal. */
export interface AcceptFields {
  readonly serverOrigin: string;
  readonly session: string;
  readonly epoch: number;
  readonly items: readonly AcceptItem[];
}

/** Signed by the identity key: proves that it is there and that every seal was opened. */
export function acceptBytes({ serverOrigin, session, epoch, items }: AcceptFields): Uint8Array {
  const proofs = items.map((item) => lpList([item.buildId, item.attempt, item.nonce, item.headSha256]));
  return lp('slipway/accept/v1', serverOrigin, session, epoch, lpList(proofs));
}

/** What the upload of one file binds. */
export interface UploadFields {
  readonly serverOrigin: string;
  readonly uploadId: string;
  /** Hex digits. */
  readonly sha256: string;
  readonly bytes: number;
}

/** Signed by the identity key: this file, to this upload, by this request. */
export function uploadBytes({ serverOrigin, uploadId, sha256, bytes }: UploadFields): Uint8Array {
  return lp('slipway/upload/v1', serverOrigin, uploadId, 'PUT', `/uploads/${uploadId}`, sha256, bytes);
}

/** Signed by the root key: the text of `SignedKeySet.document`. */
export function keySetBytes(document: string): Uint8Array {
  return lp('slipway/keyset/v1', document);
}

/** Sets have no order, so their members are signed sorted (by UTF-16 code unit). */
function canonicalAbilities({ targets, labels, buildLimit }: RegisterFields): Uint8Array {
  const pairs = labels.map(({ name, value }) => [name, value] as const).sort(byNameThenValue);
  return lpList([lpList([...targets].sort()), lpList(pairs.map((pair) => lpList(pair))), buildLimit]);
}

function byNameThenValue(a: readonly [string, string], b: readonly [string, string]): number {
  return compare(a[0], b[0]) || compare(a[1], b[1]);
}

function compare(a: string, b: string): number {
  return a < b ? -1 : Number(a > b);
}
