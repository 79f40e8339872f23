import { parseUserToken } from '../protocol/user-token.js';
import { kind, type Kind } from './kinds.js';

const KEY_BYTES = 32;
const BASE64 = /^[A-Za-z0-9+/]{43}=$/;

/** 32 bytes of key as base64. */
export function base64Key(): Kind<Uint8Array> {
  return kind({
    name: 'base64',
    expected: `${KEY_BYTES} bytes as base64 (openssl rand -base64 ${KEY_BYTES})`,
    isSecret: true,
    placeholder: 'key',
    parse: (given) => (BASE64.test(given) ? Uint8Array.from(Buffer.from(given, 'base64')) : undefined),
  });
}

/** A user token, `swu_…`, whole: a cut one is noticed by its checksum. */
export function userToken(): Kind<string> {
  return kind({
    name: 'token',
    expected: 'a whole user token, swu_…',
    isSecret: true,
    placeholder: 'token',
    parse: (given) => {
      try {
        parseUserToken(given);
        return given;
      } catch {
        // The only thing it can say is that this is no token; our own message says so without the value.
        return undefined;
      }
    },
  });
}

/** Text that no message may repeat. */
export function secretText(expected: string): Kind<string> {
  return kind({ name: 'text', expected, isSecret: true, placeholder: 'secret', parse: (given) => given });
}
