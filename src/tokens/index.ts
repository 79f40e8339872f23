/** The server's keys and the tokens that it hands out; what other domains may use of them. */
export type { Abilities } from './abilities.js';
export { revokeApiToken } from './api-tokens.queries.js';
export {
  adoptAdministratorToken,
  createApiToken,
  createFirstAdministratorToken,
  verifyApiToken,
  type ApiTokenCheck,
  type ApiTokenHolder,
  type ApiTokenRequest,
  type CreatedApiToken,
} from './api-tokens.js';
export {
  createEnrolment,
  useEnrolment,
  type CreatedEnrolment,
  type Enrolled,
  type EnrolmentOutcome,
  type EnrolmentRefusal,
  type EnrolmentRequest,
  type EnrolmentUse,
} from './enrolments.js';
export { openEnvelope, sealEnvelope, UnreadableEnvelope, type EnvelopeOwner } from './envelope.js';
export { envelopedTable, type EnvelopedTable } from './enveloped-table.js';
export { KnownTokens } from './known-tokens.js';
export { loadServerKeys, type KeyedSignature, type ServerKeys } from './server-keys.js';
export {
  readMasterKeyState,
  rotateMasterKey,
  type MasterKeyState,
  type MasterKeyUse,
  type Rotation,
} from './master-key-rotation.js';
export { MasterKeys, masterKeysOf } from './master-keys.js';
export { signingKeyEnvelopes } from './signing-keys.js';
export {
  TokenIssuer,
  WORKER_TOKEN_LIFE_MS,
  type IssuedWorkToken,
  type TokenContext,
} from './token-issuer.js';
export { TokenVerifier } from './token-verifier.js';
export { challengeNonce, makeChallenge, type ChallengeCheck } from './worker-challenge.js';
