import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import {
  acceptBytes,
  connectBytes,
  keySetBytes,
  offerBytes,
  registerBytes,
  sessionStatementBytes,
} from '../../src/protocol/signatures.js';

/** The encoding written a second time, so that a change of it cannot pass unseen. */
function pae(...pieces: (string | Buffer)[]): Buffer {
  const bytes = pieces.map((piece) => Buffer.from(piece as string));
  return Buffer.concat([le64(bytes.length), ...bytes.flatMap((piece) => [le64(piece.length), piece])]);
}

function le64(value: number): Buffer {
  const bytes = Buffer.alloc(8);
  bytes.writeBigUInt64LE(BigInt(value));
  return bytes;
}

function sha(text: string): string {
  return createHash('sha256').update(text).digest('base64url');
}

/** Says that every change of one field, and every swap of two texts, gives other bytes. */
function assertEveryFieldCounts<Fields extends object>(
  fields: Fields,
  encode: (fields: Fields) => Uint8Array,
): void {
  const hex = (variant: Fields): string => Buffer.from(encode(variant)).toString('hex');
  const names = Object.keys(fields) as (keyof Fields)[];
  const changes = names.map((name) => ({ ...fields, [name]: changed(fields[name]) }));
  assert.equal(new Set([fields, ...changes].map(hex)).size, names.length + 1, 'a field is not covered');
  const texts = names.filter((name) => typeof fields[name] === 'string');
  for (const one of texts) {
    for (const other of texts.filter((name) => name !== one)) {
      const swapped = { ...fields, [one]: fields[other], [other]: fields[one] };
      assert.notEqual(hex(swapped), hex(fields), `${String(one)} may be swapped with ${String(other)}`);
    }
  }
}

function changed(value: unknown): unknown {
  if (typeof value === 'boolean') return !value;
  if (typeof value === 'number') return value + 1;
  if (Array.isArray(value)) return value.slice(1);
  return `${String(value)}x`;
}

const register = {
  serverOrigin: 'https://ci.example',
  token: 'swe_x',
  identityKey: 'key',
  hostname: 'mill',
  targets: ['x86_64-linux', 'aarch64-linux'],
  labels: [
    { name: 'zone', value: 'b' },
    { name: 'gpu', value: 'no' },
  ],
  buildLimit: 4,
};

const connect = {
  version: 1,
  workerId: 'w',
  challenge: 'c',
  bootId: 'boot',
  lastEpoch: 3,
  sessionKey: 'x25519',
  holds: '[{"build":"b","phase":"RUNNING"}]',
  clean: true,
};

const offer = {
  serverOrigin: 'https://ci.example',
  worker: 'w',
  session: 's',
  epoch: 2,
  frameSeq: 9,
  packages: [
    { head: 'head 1', seal: 'seal 1' },
    { head: 'head 2', seal: 'seal 2' },
  ],
};

const accept = {
  serverOrigin: 'https://ci.example',
  session: 's',
  epoch: 2,
  items: [
    { buildId: 'b1', attempt: 1, nonce: 'n1', headSha256: 'h1' },
    { buildId: 'b2', attempt: 3, nonce: 'n2', headSha256: 'h2' },
  ],
};

describe('signed bytes', () => {
  it('of a registration are the documented ones', () => {
    const abilities = pae(pae('aarch64-linux', 'x86_64-linux'), pae(pae('gpu', 'no'), pae('zone', 'b')), '4');
    assert.deepEqual(
      Buffer.from(registerBytes(register)),
      pae('slipway/register/v1', 'https://ci.example', sha('swe_x'), 'key', 'mill', abilities),
    );
  });

  it('of a registration do not depend on the order of targets and labels', () => {
    const other = {
      ...register,
      targets: register.targets.toReversed(),
      labels: register.labels.toReversed(),
    };
    assert.deepEqual(registerBytes(other), registerBytes(register));
  });

  it('of a connect are the documented ones', () => {
    assert.deepEqual(
      Buffer.from(connectBytes('https://ci.example', connect)),
      pae(
        'slipway/connect/v1',
        '1',
        'https://ci.example',
        'c',
        'w',
        'boot',
        '3',
        'x25519',
        sha(connect.holds),
        '1',
      ),
    );
  });

  it('of an offer are the documented ones', () => {
    assert.deepEqual(
      Buffer.from(offerBytes(offer)),
      pae(
        'slipway/offer/v1',
        'https://ci.example',
        'w',
        's',
        '2',
        '9',
        pae(sha('head 1'), sha('head 2')),
        pae(sha('seal 1'), sha('seal 2')),
      ),
    );
  });

  it('of an accept are the documented ones', () => {
    assert.deepEqual(
      Buffer.from(acceptBytes(accept)),
      pae(
        'slipway/accept/v1',
        'https://ci.example',
        's',
        '2',
        pae(pae('b1', '1', 'n1', 'h1'), pae('b2', '3', 'n2', 'h2')),
      ),
    );
  });

  it('of statements and key sets are their very text under a domain of its own', () => {
    assert.deepEqual(Buffer.from(sessionStatementBytes('{"a":1}')), pae('slipway/session/v1', '{"a":1}'));
    assert.deepEqual(Buffer.from(keySetBytes('{"a":1}')), pae('slipway/keyset/v1', '{"a":1}'));
  });

  it('cover every field, and tell any two apart', () => {
    assertEveryFieldCounts(register, registerBytes);
    assertEveryFieldCounts({ ...connect, serverOrigin: 'o' }, ({ serverOrigin, ...payload }) =>
      connectBytes(serverOrigin, payload),
    );
    assertEveryFieldCounts(offer, offerBytes);
    assertEveryFieldCounts(accept, acceptBytes);
    assertEveryFieldCounts(accept.items[0]!, (item) => acceptBytes({ ...accept, items: [item] }));
    assertEveryFieldCounts(offer.packages[0]!, (one) => offerBytes({ ...offer, packages: [one] }));
  });

  it('of an accept do not let a field move from one build to the other', () => {
    const [first, second] = accept.items as [(typeof accept.items)[0], (typeof accept.items)[0]];
    const swapped = [
      { ...first, nonce: second.nonce },
      { ...second, nonce: first.nonce },
    ];
    assert.notDeepEqual(acceptBytes({ ...accept, items: swapped }), acceptBytes(accept));
  });
});
