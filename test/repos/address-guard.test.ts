import assert from 'node:assert/strict';
import { parseAllowedHost } from '../../src/git/network.js';
import { AddressGuard, GitError, GitFailure } from '../../src/repos/index.js';

describe('AddressGuard', () => {
  const hosts: Readonly<Record<string, readonly string[]>> = {
    'public.example': ['93.184.215.14'],
    'private.example': ['10.1.2.3'],
    'both.example': ['10.1.2.3', '93.184.215.14'],
    'metadata.example': ['169.254.169.254'],
  };

  function guard(...allowed: string[]): AddressGuard {
    return new AddressGuard(
      allowed.map((each) => parseAllowedHost(each)!),
      (host) => {
        const addresses = hosts[host];
        return addresses === undefined
          ? Promise.reject(Object.assign(new Error('none'), { code: 'ENOTFOUND' }))
          : Promise.resolve(addresses);
      },
    );
  }

  function fails(what: GitFailure): (error: unknown) => boolean {
    return (error) => error instanceof GitError && error.what === what;
  }

  it('gives the addresses of a public host', async () => {
    assert.deepEqual(await guard().check('public.example'), ['93.184.215.14']);
  });

  for (const host of ['private.example', 'metadata.example', '127.0.0.1', '[::1]', '10.0.0.1']) {
    it(`refuses ${host}, which is not public`, async () => {
      await assert.rejects(guard().check(host), fails(GitFailure.REFUSED_ADDRESS));
      await assert.rejects(guard().check(host), /expected .* SLIPWAY_GIT_ALLOW_HOSTS/);
    });
  }

  it('leaves out the addresses that are not public, so that nobody can choose them', async () => {
    assert.deepEqual(await guard().check('both.example'), ['93.184.215.14']);
  });

  it('lets through what the operator has listed by name, address or network, and nothing beside', async () => {
    for (const entry of ['private.example', '10.1.2.3', '10.0.0.0/8']) {
      assert.deepEqual(await guard(entry).check('private.example'), ['10.1.2.3'], entry);
      await assert.rejects(guard(entry).check('metadata.example'), fails(GitFailure.REFUSED_ADDRESS), entry);
    }
  });

  it('tells a name that nobody knows from one that is refused', async () => {
    await assert.rejects(guard().check('nobody.example'), fails(GitFailure.UNREACHABLE));
  });
});
