import type { ValueOf } from '../base/state-machine.js';
import type { CloneCredential } from '../protocol/messages.js';

/** What the clone of a repo shows to its git server. */
export const CredentialKind = { HTTPS_TOKEN: 'HTTPS_TOKEN', SSH_KEY: 'SSH_KEY' } as const satisfies {
  readonly [Kind in CloneCredential['kind']]: Kind;
};
export type CredentialKind = ValueOf<typeof CredentialKind>;
