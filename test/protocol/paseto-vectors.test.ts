import assert from 'node:assert/strict';
import { createPrivateKey } from 'node:crypto';
import { InvalidTokenError, PublicProtocol } from 'paseto';
import { ImportPublicKeyFactory, SignFactory, VerifyFactory } from 'paseto/v4/public';
import { exportPrivateKey, importPrivateKey } from '../../src/protocol/identity.js';
import { importTokenSigningKey } from '../../src/protocol/token-keys.js';
import { readVectors } from './vectors.js';

interface Vector {
  readonly name: string;
  readonly 'expect-fail': boolean;
  readonly 'public-key': string;
  readonly 'secret-key-seed': string;
  readonly token: string;
  readonly payload: string | null;
  readonly footer: string;
  readonly 'implicit-assertion': string;
}

const paseto = new PublicProtocol(ImportPublicKeyFactory, SignFactory, VerifyFactory);
const now = new Date('2021-12-31T00:00:00Z');

function verify(vector: Vector) {
  const options = {
    implicitAssertion: Buffer.from(vector['implicit-assertion']),
    footer: Buffer.from(vector.footer),
    now,
  };
  return publicKeyOf(vector).then((key) => paseto.Verify(key, vector.token, options));
}

function publicKeyOf(vector: Vector) {
  return paseto.ImportPublicKey(
    `k4.public.${Buffer.from(vector['public-key'], 'hex').toString('base64url')}`,
  );
}

function signingKeyOf(vector: Vector) {
  const d = Buffer.from(vector['secret-key-seed'], 'hex').toString('base64url');
  const x = Buffer.from(vector['public-key'], 'hex').toString('base64url');
  const key = createPrivateKey({ key: { kty: 'OKP', crv: 'Ed25519', d, x }, format: 'jwk' });
  const pkcs8 = exportPrivateKey(key);
  assert.equal(importPrivateKey(pkcs8).publicKey, x);
  return importTokenSigningKey('unused', pkcs8);
}

describe('the official v4.public vectors', () => {
  for (const vector of readVectors<Vector>('paseto-v4-public')) {
    if (vector['expect-fail']) {
      it(`${vector.name} is refused`, () => assert.rejects(verify(vector), InvalidTokenError));
    } else {
      it(`${vector.name} verifies`, async () => {
        const { claims } = await verify(vector);
        assert.deepEqual(claims, JSON.parse(vector.payload!));
      });

      it(`${vector.name} is what we sign`, async () => {
        const { secretKey } = await signingKeyOf(vector);
        const claims = JSON.parse(vector.payload!) as Record<string, string>;
        const token = await paseto.Sign(secretKey, claims, {
          footer: Buffer.from(vector.footer),
          implicitAssertion: Buffer.from(vector['implicit-assertion']),
          addIssuedAt: false,
          now,
        });
        assert.equal(token, vector.token);
      });
    }
  }
});
