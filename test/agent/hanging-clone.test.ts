import assert from 'node:assert/strict';
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { runAgent } from '../../src/agent/index.js';
import { silentLogger } from '../../src/base/logger.js';
import type { UpdateStepsInput } from '../../src/protocol/operations.js';
import { eventually } from '../support/eventually.js';
import { useHttpsGitServer } from '../support/git-servers/use-https-git-server.js';
import { headOf } from './support/heads.js';
import { ProtocolPeer } from './support/protocol-peer.js';
import { useScratch } from './support/scratch.js';

describe('a clone that hangs', () => {
  const https = useHttpsGitServer();
  const scratch = useScratch();
  let peer: ProtocolPeer;
  let stop: AbortController;
  let agent: Promise<unknown>;

  beforeEach(async () => {
    peer = new ProtocolPeer();
    await peer.listen();
    stop = new AbortController();
    agent = runAgent(
      {
        serverUrl: peer.origin,
        enrolmentToken: peer.enrolmentToken(),
        stateDir: join(scratch.path, 'state'),
        hostname: 'mill-1',
        targets: ['x86_64-linux'],
        labels: [],
        buildLimit: 1,
        allowUnsandboxed: true,
        mounts: [],
        logCapBytes: 1_000_000,
        artifactCapBytes: 1_000_000,
        drainMs: 0,
        version: '0.0.0-test',
        minFreeDiskBytes: 0,
        gitCaFile: https.authority.file,
      },
      { signal: stop.signal, stopNow: stop.signal, logger: silentLogger },
    );
  });

  afterEach(async () => {
    stop.abort();
    await agent;
    await peer.stop();
  });

  it('ends as TIMEOUT of the preparation, and nothing of it is left', async () => {
    https.server.behaviour = { fault: 'HANG' };
    const checkout = { url: https.server.urlOf('x.git'), ref: null, commit: 'f'.repeat(40) };
    const deadlines = { prepareMs: 1_000, runMs: 60_000, cancelGraceMs: 5_000 };
    const head = headOf(peer.workerId, [['echo never']], { checkout, deadlines });
    const session = await peer.session(1);
    const credential = { kind: 'HTTPS_TOKEN', username: 'robot', token: 'canary-9d' } as const;
    const pipeline = { ...(head.pipeline as object), clone: true };
    session.push([await session.seal({ ...head, pipeline }, { credential })]);
    const result = await peer.result(head.build);
    assert.deepEqual([result.status, result.failureKind], ['KILLED', 'TIMEOUT']);
    assert.equal(result.error, 'preparing the checkout took longer than 1 s');
    const steps = peer.heard<UpdateStepsInput>('updateSteps').flatMap((update) => update.steps);
    const ends = [1, 2].map((number) => steps.findLast((step) => step.number === number));
    assert.deepEqual(
      ends.map((step) => step?.status),
      ['KILLED', 'SKIPPED'],
    );
    assert.equal(ends[0]?.error, result.error);
    await eventually(() => https.server.connections === 0, { guardMs: 60_000 });
    assert.deepEqual(await readdir(join(scratch.path, 'state', 'workspaces')), []);
  });
});
