import type { SealContent } from '../../protocol/messages.js';
import { Mask } from './mask.js';
import { isMaskable, MIN_MASKED_BYTES } from './secret-forms.js';

/** The mask of everything in a package's seal that nobody but its build may know. */
export function maskOf({ buildToken, nonce, secrets, credential }: SealContent): Mask {
  const values = secrets.map(({ value }) => value);
  return new Mask([buildToken, nonce, ...values, ...credentialValues(credential)]);
}

/** What a build's log should say of its secrets: which of them it cannot hide. */
export function maskNotices({ secrets }: SealContent): string[] {
  return secrets
    .filter(({ value }) => !isMaskable(value))
    .map(({ name }) => `secret ${name} is shorter than ${MIN_MASKED_BYTES} bytes: it is not masked in logs`);
}

function credentialValues(credential: SealContent['credential']): string[] {
  switch (credential?.kind) {
    case 'HTTPS_TOKEN':
      return [credential.token];
    case 'SSH_KEY':
      return [credential.privateKey];
    case undefined:
      return [];
  }
}
