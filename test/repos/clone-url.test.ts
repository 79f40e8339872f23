import assert from 'node:assert/strict';
import { ValidationError } from '../../src/base/errors.js';
import { checkCloneUrl } from '../../src/repos/clone-url.js';

const good = [
  '/srv/git/sample',
  '/srv/git/sample.git',
  '/srv/@scope/-odd',
  'file:///srv/git/sample.git',
  'https://git.example.org/team/sample.git',
  'https://git.example.org:8443/team/@sample',
  'https://[2001:db8::1]/team/sample',
  'ssh://git@git.example.org/team/sample.git',
  'ssh://git@git.example.org:2222/~team/sample.git',
  'git@git.example.org:team/sample.git',
  'git@git.example.org:/srv/git/sample.git',
];

const hostile = {
  'an option': '--upload-pack=touch /tmp/x',
  'a short option': '-uwhatever',
  'a program as transport': 'ext::sh -c id',
  'a file descriptor as transport': 'fd::17',
  'ssh without a user': 'ssh://example.org/x',
  'ssh with a password': 'ssh://git:hunter2@example.org/x',
  'ssh with an option for a user': 'ssh://-oProxyCommand=id@example.org/x',
  'ssh with a port that is none': 'ssh://git@example.org:70000/x',
  'ssh with an option for a host': 'ssh://-oProxyCommand=id/x',
  'scp syntax without a user': 'example.org:x/y',
  'scp syntax with an option for a path': 'git@example.org:-x',
  'scp syntax with an option for a host': 'git@-oProxyCommand=id:x',
  'scp syntax with a transport': 'git@ext::sh',
  'an address as one number': 'https://2130706433/x',
  'an address in hexadecimal': 'https://0x7f.0.0.1/x',
  'a short address': 'ssh://git@127.1/x',
  'an encoded host': 'https://%6cocalhost/x',
  'a host with a dot at its end': 'https://example.org./x',
  'plain http': 'http://example.org/x',
  'the git protocol': 'git://example.org/x',
  'a relative path': '../x',
  'a home directory': '~/x',
  'a line end': '/srv/x\nhttps://evil.example',
  'an encoded line end': 'https://example.org/x%0ahost=evil.example',
  'an encoded NUL': 'file:///x%00y',
  NUL: '/srv/x\0y',
  'a lone surrogate': '/srv/\ud800',
  'a space': '/srv/ x',
  'a tab': 'https://example.org/\tx',
  'a user name': 'https://me@example.org/x',
  'a password': 'https://me:hunter2@example.org/x',
  'an empty user name': 'https://@example.org/x',
  'a query': 'https://example.org/x?y',
  'a fragment': 'https://example.org/x#y',
  'a host without a path': 'https://example.org/',
  'no host': 'https:///x',
  'a network path': '//server/share',
  'a file URL with a host': 'file://server/share',
  'upper case protocols that git does not know': 'HTTPS://example.org/x',
  'a backslash host': 'https://example.org\\@evil.example/x',
  nothing: '',
  'no end': `/${'x'.repeat(5000)}`,
};

describe('checkCloneUrl', () => {
  for (const url of good) {
    it(`takes ${url}`, () => {
      assert.equal(checkCloneUrl(url).url, url);
    });
  }

  for (const [name, url] of Object.entries(hostile)) {
    it(`refuses ${name}`, () => {
      assert.throws(() => checkCloneUrl(url), ValidationError);
    });
  }

  it('says field, value and expectation, and keeps the password to itself', () => {
    const given = hostile['a password'];
    assert.throws(
      () => checkCloneUrl(given),
      (error: ValidationError) => {
        assert.match(error.message, /^cloneUrl: got ".*example\.org\/x", expected an absolute path/);
        assert.doesNotMatch(error.message, /hunter2/);
        return true;
      },
    );
  });
});
