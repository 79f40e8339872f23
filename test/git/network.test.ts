import assert from 'node:assert/strict';
import { formatAllowedHost, isPublicAddress, isWithin, parseAllowedHost } from '../../src/git/network.js';

describe('isPublicAddress', () => {
  const isPublic = ['1.1.1.1', '172.15.255.255', '172.32.0.1', '192.167.1.1', '223.255.255.254'];
  for (const address of [...isPublic, '2606:4700::1111', '2a00:1450:4001:81b::200e']) {
    it(`says yes of ${address}`, () => assert.equal(isPublicAddress(address), true));
  }

  const isNot = {
    'this host': ['0.0.0.0', '127.0.0.1', '127.255.0.9', '::', '::1'],
    'private networks': ['10.1.2.3', '172.16.0.1', '172.31.255.255', '192.168.1.1', 'fd00::1', 'fc00::1'],
    'the link, and its metadata service': ['169.254.169.254', 'fe80::1', 'fe80::1%eth0'],
    'the carrier': ['100.64.0.1', '100.127.255.255'],
    'many at once': ['224.0.0.1', '239.1.1.1', '255.255.255.255', 'ff02::1'],
    'IPv4 in the clothes of IPv6': [
      '::ffff:127.0.0.1',
      '::ffff:10.0.0.1',
      '64:ff9b::7f00:1',
      '2002:7f00:1::',
    ],
    documentation: ['192.0.2.1', '198.51.100.1', '203.0.113.1', '2001:db8::1'],
    'no address': ['localhost', '', '1.1.1'],
  };
  for (const [what, addresses] of Object.entries(isNot)) {
    for (const address of addresses) {
      it(`says no of ${JSON.stringify(address)}: ${what}`, () =>
        assert.equal(isPublicAddress(address), false));
    }
  }
});

describe('parseAllowedHost', () => {
  it('reads names, addresses and networks', () => {
    assert.deepEqual(parseAllowedHost('Git.Example.org'), { kind: 'NAME', name: 'git.example.org' });
    assert.deepEqual(parseAllowedHost('10.0.0.0/8'), { kind: 'NETWORK', address: '10.0.0.0', prefix: 8 });
    assert.deepEqual(parseAllowedHost('10.1.2.3'), { kind: 'NETWORK', address: '10.1.2.3', prefix: 32 });
    assert.deepEqual(parseAllowedHost('fd00::/8'), { kind: 'NETWORK', address: 'fd00::', prefix: 8 });
  });

  it('reads what it has written', () => {
    for (const given of ['git.example.org', '10.0.0.0/8', 'fd00::/8', '10.1.2.3/32']) {
      assert.equal(formatAllowedHost(parseAllowedHost(given)!), given);
    }
  });

  for (const given of [
    '10.0.0.0/33',
    '10.0.0.0/',
    '10.0.0.0/x',
    'a/8',
    '',
    'https://x',
    '-x',
    'fd00::/129',
    '1/2/3',
  ]) {
    it(`refuses ${JSON.stringify(given)}`, () => assert.equal(parseAllowedHost(given), undefined));
  }

  it('makes networks that hold what is in them and nothing else', () => {
    const networks = [parseAllowedHost('10.0.0.0/8')!, parseAllowedHost('fd12::/16')!];
    for (const address of ['10.255.0.1', 'fd12:3::1']) assert.ok(isWithin(address, networks), address);
    for (const address of ['11.0.0.1', 'fd13::1', '::1']) assert.ok(!isWithin(address, networks), address);
  });
});
