/** Secrets: what is kept, who may have it, and what goes into the seal of a build. */
export type { BuildSecrets } from './build-secrets.js';
export { MAX_VALUE_BYTES } from './check-secret.js';
export { secretEnvelopes } from './secret-envelopes.js';
export { findSecretOwner, type SecretOwner, type SecretOwnerReference } from './secret-owner.js';
export { listSecrets } from './secret-pages.queries.js';
export { SecretReader } from './secret-reader.js';
export type { SecretRules } from './secret-rules.js';
export { SecretScope } from './secret-scope.js';
export { Secret } from './secret.entity.js';
export { removeSecret, setSecret, type SetSecretRequest } from './secrets.js';
