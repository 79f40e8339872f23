import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { refuseKnownHosts, normaliseKnownHosts } from '../../src/git/known-hosts.js';
import { checkSshKey, normaliseSshKey } from '../../src/git/ssh-key.js';
import { scratchDir } from '../repos/scratch-repo.js';
import { makeKey } from '../support/git-servers/ssh-git-server.js';
import { requiresCommand } from '../support/skip.js';

describe('checkSshKey', () => {
  const scratch = scratchDir();

  beforeEach(function () {
    requiresCommand('ssh-keygen', this);
  });

  for (const type of ['ed25519', 'ecdsa', 'rsa']) {
    it(`tells the fingerprint of a key of type ${type} as ssh-keygen does`, () => {
      const { privateKey, fingerprint } = makeKey(scratch.path, { type });
      assert.deepEqual(checkSshKey(normaliseSshKey(privateKey)), { kind: 'USABLE', fingerprint });
    });
  }

  it('takes a key as an editor on another system leaves it', () => {
    const { privateKey, fingerprint } = makeKey(scratch.path);
    const mangled = `\r\n${privateKey.trim().replaceAll('\n', '\r\n')}`;
    assert.deepEqual(checkSshKey(normaliseSshKey(mangled)), { kind: 'USABLE', fingerprint });
  });

  it('refuses a key with a passphrase, a public key, another form, and half a key', () => {
    const locked = makeKey(scratch.path, { passphrase: 'secret' });
    const { privateKey, publicKey } = makeKey(scratch.path);
    const lines = privateKey.split('\n');
    const pem = execFileSync('openssl', ['genrsa', '2048'], { stdio: 'pipe' }).toString();
    const cut = [...lines.slice(0, 2), lines.at(-2)].join('\n');
    const expected = [
      [locked.privateKey, /passphrase/],
      [publicKey, /no private key in OpenSSH form/],
      [pem, /ssh-keygen -p/],
      [cut.replace(lines[1] ?? '', 'b3BlbnNzaC1rZXktdjEAAAAABG5vbmUAAAAEbm9uZQ=='), /cut off/],
      ['', /no private key/],
    ] as const;
    for (const [text, reason] of expected) {
      const check = checkSshKey(normaliseSshKey(text));
      assert.equal(check.kind, 'REFUSED');
      assert.match(check.kind === 'REFUSED' ? check.reason : '', reason);
    }
  });
});

describe('refuseKnownHosts', () => {
  const KEY = 'AAAAC3NzaC1lZDI1NTE5AAAAIGKGGYOSu5eXpLR3qz5dYkPzXEwGi1j3rSl1rX4Yo4Vq';

  for (const line of [
    `git.example.org ssh-ed25519 ${KEY}`,
    `[git.example.org]:2222,[10.0.0.1]:2222 ssh-ed25519 ${KEY} comment`,
    `|1|F1E1KeoE/eEWhi10WpGv4OdiO6Y=|3988QV0VE8wmZL7suNrYQLITLCg= ssh-rsa ${KEY}`,
    `@cert-authority *.example.org ecdsa-sha2-nistp256 ${KEY}`,
    `# a comment\n\ngit.example.org sk-ssh-ed25519@openssh.com ${KEY}`,
  ]) {
    it(`takes ${line.slice(0, 40)}…`, () => {
      assert.equal(refuseKnownHosts(normaliseKnownHosts(line)), undefined);
    });
  }

  for (const [text, reason] of [
    ['', /names no key/],
    ['# nothing', /names no key/],
    ['git.example.org', /entry 1/],
    [`ssh-ed25519 ${KEY}`, /entry 1/],
    [`git.example.org ssh-ed25519 ${KEY}\nProxyCommand id`, /entry 2/],
  ] as const) {
    it(`refuses ${JSON.stringify(text.slice(0, 30))}`, () => {
      assert.match(refuseKnownHosts(normaliseKnownHosts(text)) ?? '', reason);
    });
  }
});
