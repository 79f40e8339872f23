import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer, type AddressInfo, type Server } from 'node:net';
import { networkInterfaces } from 'node:os';
import type { NetworkPolicy } from '../../../src/agent/agent-options.js';
import { requiresCommand, skipBecause } from '../../support/skip.js';
import { useScratch } from '../support/scratch.js';
import { Outside } from './support/outside.js';
import { SandboxHost } from './support/sandbox-host.js';

const CANARY = 'canary of the machine';

describe('the network of a sandbox', () => {
  const scratch = useScratch();
  let server: Server;
  let port: number;
  let host: SandboxHost;

  before(async function () {
    requiresCommand('bwrap', this);
    server = createServer((socket) => socket.end(CANARY)).listen(0, '0.0.0.0');
    await once(server, 'listening');
    port = (server.address() as AddressInfo).port;
  });
  after(() => server?.close());
  afterEach(async () => assert.equal(await host.close(), true));

  async function reach(network: NetworkPolicy, ...addresses: string[]): Promise<string> {
    host = await SandboxHost.create(scratch.path, { network });
    const tries = addresses.map((address) => `timeout 5 bash -c 'cat < /dev/tcp/${address}'`);
    return host.run(['set +e', 'cat /proc/net/dev /etc/resolv.conf', ...tries, 'true']);
  }

  function ownAddresses(): string[] {
    return Object.values(networkInterfaces()).flatMap((found) =>
      (found ?? []).filter(({ family }) => family === 'IPv4').map(({ address }) => `${address}/${port}`),
    );
  }

  it('is with `none` nothing but loopback', async () => {
    const output = await reach('none', ...ownAddresses());
    assert.doesNotMatch(output, new RegExp(CANARY));
    assert.doesNotMatch(output, /tap0|eth0/);
  });

  it('is with `nat` one of its own, from which neither the machine nor private networks are reached', async function () {
    requiresCommand('slirp4netns', this);
    requiresCommand('ip', this);
    const forbidden = [
      '10.0.2.2/',
      '10.1.2.3/',
      '172.17.0.1/',
      '192.168.1.1/',
      '169.254.169.254/',
      '100.100.100.200/',
    ];
    const output = await reach('nat', ...ownAddresses(), ...forbidden.map((address) => `${address}${port}`));
    assert.doesNotMatch(output, new RegExp(CANARY));
    assert.match(output, /tap0: /);
    assert.match(output, /^nameserver 10\.0\.2\.3$/m);
    const refusals =
      output.match(/connect: (Permission denied|Connection refused|Network is unreachable)/g) ?? [];
    assert.equal(refusals.length, ownAddresses().length + forbidden.length, output);
  });

  it('is with `nat` not the step’s to change', async function () {
    requiresCommand('slirp4netns', this);
    requiresCommand('ip', this);
    host = await SandboxHost.create(scratch.path, { network: 'nat' });
    const output = await host.run([
      'set +e',
      'ip route del prohibit 10.0.0.0/8',
      'ip link set tap0 down',
      'true',
    ]);
    assert.equal(output.match(/Operation not permitted/g)?.length, 2, output);
  });

  it('is with `nat` a way to the outside', async function () {
    requiresCommand('slirp4netns', this);
    requiresCommand('ip', this);
    if (process.getuid?.() !== 0) skipBecause('needs root, to make an outside', this);
    const outside = await Outside.create();
    try {
      host = await SandboxHost.create(scratch.path, { network: 'nat' });
      const output = await host.run([`cat < /dev/tcp/${outside.address}/7`], { entrypoint: ['bash', '-e'] });
      assert.equal(output, 'the outside');
    } finally {
      await outside.remove();
    }
  });

  it('is with `host` the machine’s', async () => {
    assert.match(await reach('host', `127.0.0.1/${port}`), new RegExp(CANARY));
  });
});
