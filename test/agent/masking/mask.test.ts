import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import fc from 'fast-check';
import { maskNotices, maskOf } from '../../../src/agent/masking/build-mask.js';
import { Mask } from '../../../src/agent/masking/mask.js';
import type { SealContent } from '../../../src/protocol/messages.js';

const SECRET = `pässw"o'rd & <Go>/\\$(id)!~+ 100%`;
const KEY = [
  '-----BEGIN OPENSSH PRIVATE KEY-----',
  ...Array.from({ length: 40 }, () => randomBytes(48).toString('base64')),
  '-----END OPENSSH PRIVATE KEY-----',
  '',
].join('\n');

/** What a real shell prints when told so, with the secret in `$S`. */
function shell(script: string, secret: string, program = 'bash'): string {
  const env = { PATH: process.env.PATH, LANG: 'C.UTF-8', S: secret };
  return execFileSync(program, ['-c', script], { env, stdio: ['ignore', 'pipe', 'ignore'] }).toString();
}

/** No eight characters in a row of the secret's base64, or of the secret, are left. */
function assertHidden(masked: string, ...forms: readonly string[]): void {
  assert.ok(masked.includes('***'), masked);
  for (const form of forms)
    for (let at = 0; at + 8 <= form.length; at += 1)
      assert.ok(!masked.includes(form.slice(at, at + 8)), `${form.slice(at, at + 8)} is left in ${masked}`);
}

describe('Mask', () => {
  it('hides a secret as it is, and nothing else', () => {
    const mask = new Mask(['hunter2']);
    assert.equal(mask.text('a hunter2, two Hunter2, hunter 2'), 'a ***, two Hunter2, hunter 2');
    assert.equal(new Mask([]).text('anything'), 'anything');
  });

  for (const secret of ['hunter2', SECRET, KEY]) {
    it(`hides the base64 of ${JSON.stringify(secret.slice(0, 10))} at every shift, also twice encoded`, () => {
      const mask = new Mask([secret]);
      for (const prefix of ['', 'a', 'ab', 'user:', 'token:x'])
        for (const suffix of ['', '\n', '@', '!!'])
          for (const alphabet of ['base64', 'base64url'] as const) {
            const once = Buffer.from(`${prefix}${secret}${suffix}`).toString(alphabet);
            const twice = Buffer.from(`${prefix}${once}${suffix}`).toString(alphabet);
            assert.ok(
              mask.text(once).length <= 3 + prefix.length * 2 + suffix.length * 2 + 4,
              mask.text(once),
            );
            assert.ok(
              mask.text(twice).length <= 3 + (prefix.length + suffix.length) * 5 + 16,
              mask.text(twice),
            );
          }
    });
  }

  it('hides what base64 wraps into lines, wherever its lines end', () => {
    const mask = new Mask([KEY]);
    const encoded = Buffer.from(`some text before it\n${KEY}`).toString('base64');
    for (let width = 20; width < 100; width += 1) {
      const wrapped = encoded.replace(new RegExp(`.{${width}}`, 'g'), '$&\r\n');
      assertHidden(mask.text(wrapped), Buffer.from(KEY).toString('base64').slice(4, -4));
    }
  });

  it('hides what base64 makes of what base64 has wrapped', () => {
    const mask = new Mask([KEY]);
    const twice = shell('echo "$S" | base64 | base64', KEY);
    assertHidden(mask.text(twice), twice.replaceAll('\n', '').slice(8, -32));
  });

  it('hides what JSON, URLs and forms make of a secret', () => {
    const mask = new Mask([SECRET]);
    const ascii = JSON.stringify(SECRET).replace(
      /[^\0-\x7f]/g,
      (unit) => `\\u00${unit.charCodeAt(0).toString(16)}`,
    );
    const forms = [
      JSON.stringify(SECRET).slice(1, -1),
      ascii.slice(1, -1),
      encodeURIComponent(SECRET),
      encodeURIComponent(SECRET).replace(/%../g, (escape) => escape.toLowerCase()),
      encodeURIComponent(SECRET).replaceAll('%20', '+'),
      new URLSearchParams({ s: SECRET }).toString().slice(2),
    ];
    for (const form of forms) assert.equal(mask.text(`<${form}>`), '<***>', form);
  });

  it('hides what real shells show of a secret', () => {
    for (const secret of [
      SECRET,
      "it's a\ttab",
      'plain words',
      "''quoted''",
      'a,b;c|d',
      'two\nlines of it',
    ]) {
      const mask = new Mask([secret]);
      const shown = [
        shell('echo "$S"', secret),
        shell('{ set -x; : "$S"; } 2>&1', secret),
        shell('printf %q "$S"', secret),
        shell('declare -p S', secret),
        shell('export -p | sed -n "/S=/,\\$p"', secret, 'sh'),
        shell('{ set -x; : "$S"; } 2>&1', secret, 'sh'),
        shell('echo "$S" | base64', secret),
        shell('echo "$S" | base64 -w 0 | base64 -w 0', secret),
      ];
      for (const text of shown) assertHidden(mask.text(text), secret, Buffer.from(secret).toString('base64'));
    }
  });

  it('hides every line of a secret of many lines, however they end', () => {
    const mask = new Mask([KEY]);
    assert.equal(mask.text(KEY), '***\n');
    assert.equal(mask.text(KEY.replaceAll('\n', '\r\n')), '***\r\n');
    const [, first, second] = KEY.split('\n');
    assert.equal(mask.text(`  ${first}\n\n\n  ${second}\n`), '  ***\n\n\n  ***\n');
    assert.equal(mask.text(JSON.stringify({ key: KEY })), '{"key":"***\\n"}');
    assert.equal(mask.text(Buffer.from(first!).toString('base64')), '***');
  });

  it('hides a part of a long secret', () => {
    const secret = randomBytes(600).toString('hex');
    assert.ok(new Mask([secret]).text(secret.slice(0, 700)).length < 200);
  });

  it('never shows a secret, whatever the secrets and the text around them', () => {
    const secrets = fc.array(fc.string({ unit: 'binary', minLength: 1, maxLength: 30 }), {
      minLength: 1,
      maxLength: 5,
    });
    fc.assert(
      fc.property(secrets, fc.string({ unit: 'binary' }), (values, noise) => {
        const mask = new Mask(values);
        const masked = mask.text([...values, noise, ...values].join(noise));
        for (const value of values.map((each) => each.toWellFormed().trim()))
          if (Buffer.byteLength(value) >= 4 && !/[\r\n*]/.test(value)) assert.ok(!masked.includes(value));
      }),
      { numRuns: 500 },
    );
  });

  it('leaves white space alone, and values of fewer than four bytes', () => {
    const mask = new Mask(['      ', 'abc', '\n\n', '']);
    assert.equal(mask.text('      abc\n\n'), '      abc\n\n');
  });
});

describe('maskOf', () => {
  const content: SealContent = {
    buildToken: 'v4.public.build-token',
    nonce: 'nonce-of-the-offer',
    secrets: [
      { name: 'deploy', value: 'canary-of-deploy', steps: [1] },
      { name: 'pin', value: '123', steps: [1] },
    ],
    refusedSecrets: [],
    credential: { kind: 'HTTPS_TOKEN', username: 'builder', token: 'canary-of-clone' },
  };

  it('hides all that a seal holds: secrets, credential, build token and nonce', () => {
    const text = 'v4.public.build-token nonce-of-the-offer canary-of-deploy builder:canary-of-clone';
    assert.equal(maskOf(content).text(text), '*** *** *** builder:***');
    const key = { kind: 'SSH_KEY', privateKey: KEY, knownHosts: 'git.example.org' } as const;
    assert.equal(maskOf({ ...content, credential: key }).text(KEY), '***\n');
    assert.equal(maskOf({ ...content, credential: null }).text('git.example.org'), 'git.example.org');
  });

  it('names the secrets that are too short to be hidden, and not their values', () => {
    assert.deepEqual(maskNotices(content), ['secret pin is shorter than 4 bytes: it is not masked in logs']);
  });
});
