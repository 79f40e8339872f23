import { generateKeyPair, sign, thumbprint, type SigningKeyPair } from '../../../src/protocol/identity.js';
import { signKeySet } from '../../../src/protocol/key-set.js';
import { KeyPurpose, type SignedKeySet } from '../../../src/protocol/messages.js';

const NOT_AFTER = '2100-01-01T00:00:00.000Z';

/** The keys of a server: a root, and one for each purpose that agents verify. */
export class PeerKeys {
  readonly root = generateKeyPair();
  session = generateKeyPair();
  readonly offer = generateKeyPair();
  readonly signedSet: SignedKeySet;

  constructor() {
    const keys = [
      { ...publicPart(this.session), purpose: KeyPurpose.SESSION },
      { ...publicPart(this.offer), purpose: KeyPurpose.OFFER },
    ];
    this.signedSet = signKeySet({ version: 1, keys }, this.root.privateKey);
  }

  /** Signs as the server does: key id and signature. */
  sign(key: SigningKeyPair, bytes: Uint8Array): { kid: string; signature: string } {
    return { kid: thumbprint(key.publicKey), signature: sign(key.privateKey, bytes) };
  }
}

function publicPart({ publicKey }: SigningKeyPair): { kid: string; publicKey: string; notAfter: string } {
  return { kid: thumbprint(publicKey), publicKey, notAfter: NOT_AFTER };
}
