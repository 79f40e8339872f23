import assert from 'node:assert/strict';
import { originOf, readGitUrl } from '../../src/git/git-url.js';

describe('originOf', () => {
  const origins = {
    '/srv/git/x': 'file:',
    'file:///srv/git/x': 'file:',
    'https://git.example.org/x': 'https://git.example.org:443',
    'https://GIT.example.org:443/y': 'https://git.example.org:443',
    'https://git.example.org:8443/x': 'https://git.example.org:8443',
    'https://[2001:DB8::1]/x': 'https://[2001:db8::1]:443',
    'ssh://git@git.example.org/x': 'ssh://git@git.example.org:22',
    'git@git.example.org:x': 'ssh://git@git.example.org:22',
    'ssh://git@git.example.org:2222/x': 'ssh://git@git.example.org:2222',
    'other@git.example.org:x': 'ssh://other@git.example.org:22',
  };

  for (const [url, origin] of Object.entries(origins)) {
    it(`is ${origin} for ${url}`, () => {
      const read = readGitUrl(url);
      assert.ok(read);
      assert.equal(originOf(read), origin);
    });
  }
});
