import assert from 'node:assert/strict';
import type { CloneCredential } from '../../src/protocol/messages.js';
import { refuseAccess, withGitAccess, type GitAccess } from '../../src/git/git-access.js';
import { readGitUrl, type GitUrl } from '../../src/git/git-url.js';

const token: CloneCredential = { kind: 'HTTPS_TOKEN', username: 'robot', token: 'canary' };
const key: CloneCredential = { kind: 'SSH_KEY', privateKey: 'canary', knownHosts: 'x' };

function url(text: string): GitUrl {
  const read = readGitUrl(text);
  assert.ok(read);
  return read;
}

describe('withGitAccess', () => {
  const accessTo = (text: string, credential: CloneCredential | null): Promise<GitAccess> =>
    withGitAccess({ url: url(text), credential }, (access) => Promise.resolve(access));

  it('gives a token to one server, and to no other that git may come to ask', async () => {
    const { environment, wrapper, input } = await accessTo('https://git.example.org/x', token);
    assert.deepEqual(environment, {
      GIT_CONFIG_COUNT: '1',
      GIT_CONFIG_KEY_0: 'http.https://git.example.org:443/.extraHeader',
      GIT_CONFIG_VALUE_0: `Authorization: Basic ${Buffer.from('robot:canary').toString('base64')}`,
    });
    assert.deepEqual([wrapper, input], [[], undefined]);
  });

  it('hands a key over on the standard input: neither arguments nor environment have it', async () => {
    const access = await accessTo('git@git.example.org:x', key);
    assert.equal(access.input, 'canary');
    assert.doesNotMatch(JSON.stringify([access.wrapper, access.environment]), /canary/);
  });

  it('does not start without what the URL needs', async () => {
    await assert.rejects(accessTo('git@git.example.org:x', null), /needs a credential/);
  });
});

describe('refuseAccess', () => {
  for (const [text, credential] of [
    ['git@git.example.org:x', null],
    ['git@git.example.org:x', token],
    ['https://git.example.org/x', key],
    ['/srv/x', token],
    ['/srv/x', key],
  ] as const) {
    it(`refuses ${credential?.kind ?? 'nothing'} for ${text}`, () => {
      assert.notEqual(refuseAccess(url(text), credential), undefined);
    });
  }

  for (const [text, credential] of [
    ['git@git.example.org:x', key],
    ['https://git.example.org/x', token],
    ['https://git.example.org/x', null],
    ['/srv/x', null],
  ] as const) {
    it(`takes ${credential?.kind ?? 'nothing'} for ${text}`, () => {
      assert.equal(refuseAccess(url(text), credential), undefined);
    });
  }
});
