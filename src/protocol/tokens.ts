/**
 * Worker and build tokens: PASETO v4.public. The implicit assertion, which is signed but not sent, is rebuilt by the
 * verifier from the authenticated connection, so that a stolen token does not even verify elsewhere.
 */
import { ClaimValidationError, InspectFooter, PasetoError, PublicProtocol, type Claims } from 'paseto';
import { SignFactory, VerifyFactory } from 'paseto/v4/public';
import { refuseKey, type KeyRejection } from './key-set.js';
import { lp } from './lp.js';
import { KeyPurpose } from './messages.js';
import {
  buildTokenForm,
  workerTokenForm,
  type BuildTokenClaims,
  type TokenBearer,
  type TokenForm,
  type WorkerTokenClaims,
} from './token-claims.js';
import type { TokenKeys, TokenSigningKey } from './token-keys.js';

/** How far the clocks of two replicas may be apart; the only tolerance there is. Seconds. */
export const CLOCK_TOLERANCE_S = 5;

/** Tokens of ours have some 700 characters; nothing longer is even parsed. */
const MAX_TOKEN_CHARS = 4096;
const MAX_FOOTER_BYTES = 256;

const paseto = new PublicProtocol(SignFactory, VerifyFactory);

/** Why a token is not taken. */
export type TokenRejection =
  | KeyRejection
  | 'MALFORMED'
  /** Also: presented by another worker or for another build than it was issued to. */
  | 'BAD_SIGNATURE'
  | 'WRONG_AUDIENCE'
  | 'EXPIRED'
  | 'NOT_YET_VALID'
  | 'WRONG_CLAIMS';

/** A token that is not taken; the reason is for logs and audit, a caller hears FORBIDDEN. */
export interface TokenRejected {
  readonly outcome: 'rejected';
  readonly reason: TokenRejection;
}

/** What came of verifying a token. */
export type TokenCheck<TokenClaims> =
  { readonly outcome: 'verified'; readonly claims: TokenClaims } | TokenRejected;

/** A token with everything that decides about it; `nowMs` in milliseconds since the epoch. */
export interface PresentedToken {
  readonly token: string;
  readonly keys: TokenKeys;
  readonly bearer: TokenBearer;
  readonly nowMs: number;
}

/** Issues the token that a session gets in its acknowledgement and spends in every accept. `nowMs` dates it. */
export function signWorkerToken(
  key: TokenSigningKey,
  claims: WorkerTokenClaims,
  nowMs: number,
): Promise<string> {
  return signToken(key, workerTokenForm.write(claims), { assertion: workerAssertion(claims), nowMs });
}

/** Issues the token for one build on one worker. `nowMs` dates it. */
export function signBuildToken(
  key: TokenSigningKey,
  claims: BuildTokenClaims,
  nowMs: number,
): Promise<string> {
  const assertion = buildAssertion(claims, claims.buildId);
  return signToken(key, buildTokenForm.write(claims), { assertion, nowMs });
}

/** Verifies a worker token for the worker on whose connection it came. */
export function verifyWorkerToken(presented: PresentedToken): Promise<TokenCheck<WorkerTokenClaims>> {
  const purpose = KeyPurpose.WORKER_TOKEN;
  return verifyToken(presented, {
    form: workerTokenForm,
    purpose,
    assertion: workerAssertion(presented.bearer),
  });
}

/** Verifies a build token for the worker on whose connection it came and the build that it is presented for. */
export async function verifyBuildToken(
  presented: PresentedToken & { readonly buildId: string },
): Promise<TokenCheck<BuildTokenClaims>> {
  const check = await verifyToken(presented, {
    form: buildTokenForm,
    purpose: KeyPurpose.BUILD_TOKEN,
    assertion: buildAssertion(presented.bearer, presented.buildId),
  });
  const isOfOther = check.outcome === 'verified' && check.claims.buildId !== presented.buildId;
  return isOfOther ? rejected('WRONG_CLAIMS') : check;
}

function workerAssertion({ workerId, thumbprint }: TokenBearer): Uint8Array {
  return lp('slipway/worker-token/v1', workerId, thumbprint);
}

function buildAssertion({ workerId, thumbprint }: TokenBearer, buildId: string): Uint8Array {
  return lp('slipway/build-token/v1', workerId, thumbprint, buildId);
}

function signToken(
  { kid, secretKey }: TokenSigningKey,
  claims: Claims,
  { assertion, nowMs }: { readonly assertion: Uint8Array; readonly nowMs: number },
): Promise<string> {
  const footer = Buffer.from(JSON.stringify({ kid }));
  return paseto.Sign(secretKey, claims, { footer, implicitAssertion: assertion, now: new Date(nowMs) });
}

interface Expectation<TokenClaims> {
  readonly form: TokenForm<TokenClaims>;
  readonly purpose: KeyPurpose;
  readonly assertion: Uint8Array;
}

async function verifyToken<TokenClaims extends TokenBearer>(
  { token, keys, bearer, nowMs }: PresentedToken,
  { form, purpose, assertion }: Expectation<TokenClaims>,
): Promise<TokenCheck<TokenClaims>> {
  const kid = readKid(token);
  if (kid === undefined) return rejected('MALFORMED');
  const key = keys.get(kid);
  if (!key) return rejected('UNKNOWN_KEY');
  const refusal = refuseKey(key, { kid, purpose, nowMs });
  if (refusal) return rejected(refusal);
  const options = {
    implicitAssertion: assertion,
    audience: form.audience,
    clockTolerance: CLOCK_TOLERANCE_S,
    now: new Date(nowMs),
  };
  try {
    const { claims } = await paseto.Verify(key.publicKey, token, options);
    return checkBearer(form.read(claims), bearer);
  } catch (error) {
    return rejected(reasonOf(error));
  }
}

/** The signature is ours, so claims of another shape or bearer come from a defect or another version: refused. */
function checkBearer<TokenClaims extends TokenBearer>(
  claims: TokenClaims | undefined,
  bearer: TokenBearer,
): TokenCheck<TokenClaims> {
  const isBearers = claims?.workerId === bearer.workerId && claims.thumbprint === bearer.thumbprint;
  return isBearers ? { outcome: 'verified', claims } : rejected('WRONG_CLAIMS');
}

/** The key's name from the footer, which nobody has verified yet: it only chooses among keys that we have. */
function readKid(token: string): string | undefined {
  if (token.length > MAX_TOKEN_CHARS || !token.startsWith('v4.public.')) return undefined;
  try {
    const footer = InspectFooter(token);
    if (footer.byteLength > MAX_FOOTER_BYTES) return undefined;
    const content = JSON.parse(Buffer.from(footer).toString('utf8')) as { kid?: unknown } | null;
    return typeof content?.kid === 'string' ? content.kid : undefined;
  } catch {
    return undefined; // Not a token of ours, whatever it is; the caller answers MALFORMED.
  }
}

function reasonOf(error: unknown): TokenRejection {
  if (!(error instanceof PasetoError)) throw error;
  if (!(error instanceof ClaimValidationError)) return 'BAD_SIGNATURE';
  switch (error.claim) {
    case 'exp':
      return 'EXPIRED';
    case 'aud':
      return 'WRONG_AUDIENCE';
    case 'iat':
    case 'nbf':
      return 'NOT_YET_VALID';
    default:
      return 'WRONG_CLAIMS';
  }
}

function rejected(reason: TokenRejection): TokenRejected {
  return { outcome: 'rejected', reason };
}
