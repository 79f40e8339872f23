import assert from 'node:assert/strict';
import { once } from 'node:events';
import { type AddressInfo, createServer } from 'node:net';
import { choosePort } from '../../src/up/choose-port.js';

describe('choosePort', () => {
  it('takes the wanted port when it is free, and the next free one when it is not', async () => {
    const busy = createServer().listen(0, '127.0.0.1');
    await once(busy, 'listening');
    const { port } = busy.address() as AddressInfo;
    const next = await choosePort('127.0.0.1', port);
    assert(next > port && next < port + 50);
    assert.equal(await choosePort('127.0.0.1', next), next);
    busy.close();
    await once(busy, 'close');
    assert.equal(await choosePort('127.0.0.1', port), port);
  });

  it('does not go on for an address that is not ours', async () => {
    await assert.rejects(choosePort('192.0.2.1', 8470), { code: 'EADDRNOTAVAIL' });
  });
});
