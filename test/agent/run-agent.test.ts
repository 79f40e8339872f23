import assert from 'node:assert/strict';
import { randomInt } from 'node:crypto';
import { access, readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { runAgent, type AgentExit, type AgentOptions } from '../../src/agent/index.js';
import { startOf } from '../../src/agent/state/process-start.js';
import { deferred } from '../../src/base/deferred.js';
import { createLogger, silentLogger } from '../../src/base/logger.js';
import type { HeartbeatInput, PackageHead } from '../../src/protocol/messages.js';
import type { AcceptBuildsInput, RefuseBuildInput, UpdateStepsInput } from '../../src/protocol/operations.js';
import { eventually } from '../support/eventually.js';
import { spawnProcess } from '../support/processes.js';
import { requiresCommand, skipBecause } from '../support/skip.js';
import { GitRepo } from './support/git-repo.js';
import { headOf } from './support/heads.js';
import { PeerKeys } from './support/peer-keys.js';
import { apiError, ProtocolPeer } from './support/protocol-peer.js';
import { useScratch } from './support/scratch.js';
import { stepOf } from './support/step.js';

const logger = process.env.AGENT_LOG ? createLogger({ name: 'agent', level: 'debug' }) : silentLogger;

interface RunningAgent {
  readonly exit: Promise<AgentExit>;
  readonly stop: AbortController;
  readonly stopNow: AbortController;
}

describe('runAgent', () => {
  const scratch = useScratch();
  let peer: ProtocolPeer;
  let agents: RunningAgent[];

  beforeEach(async () => {
    agents = [];
    peer = new ProtocolPeer();
    await peer.listen();
  });

  afterEach(async () => {
    for (const { stop, stopNow } of agents) {
      stop.abort();
      stopNow.abort();
    }
    await Promise.allSettled(agents.map(({ exit }) => exit));
    await peer.stop();
  });

  function optionsOf(rest: Partial<AgentOptions> = {}): AgentOptions {
    return {
      serverUrl: peer.origin,
      enrolmentToken: peer.enrolmentToken(),
      stateDir: join(scratch.path, 'state'),
      hostname: 'mill-1',
      targets: ['x86_64-linux'],
      labels: [{ name: 'gpu', value: 'true' }],
      buildLimit: 2,
      driver: 'process',
      allowUnsandboxed: true,
      mounts: [],
      logCapBytes: 1_000_000,
      artifactCapBytes: 1_000_000,
      drainMs: 30_000,
      version: '0.0.0-test',
      minFreeDiskBytes: 0,
      ...rest,
    };
  }

  function startAgent(rest: Partial<AgentOptions> = {}): RunningAgent {
    const stop = new AbortController();
    const stopNow = new AbortController();
    const exit = runAgent(optionsOf(rest), { signal: stop.signal, stopNow: stopNow.signal, logger });
    const agent = { exit, stop, stopNow };
    exit.catch(() => undefined); // Each test looks at it itself.
    agents.push(agent);
    return agent;
  }

  async function offer(nth: number, ...heads: readonly PackageHead[]): Promise<void> {
    const session = await peer.session(nth);
    session.push(await Promise.all(heads.map((head) => session.seal(head))));
  }

  function head(...steps: Parameters<typeof headOf>[1]): PackageHead {
    return headOf(peer.workerId, steps);
  }

  function printed(build: string, step: number, text: string): Promise<boolean> {
    return peer.until(() => peer.log(build, step).includes(text));
  }

  it('enrols, connects, runs a pushed build of a real repository and drains', async () => {
    const repo = await GitRepo.create(join(scratch.path, 'origin'));
    const commit = await repo.commit({ 'a.txt': 'from the repository' });
    const agent = startAgent();
    const build = headOf(peer.workerId, [['cat a.txt', 'echo "$SLIPWAY_COMMIT $CI $HOME"']], {
      checkout: { url: repo.path, ref: 'refs/heads/main', commit },
    });
    await offer(1, { ...build, pipeline: { ...(build.pipeline as object), clone: true } });
    const result = await peer.result(build.build);
    assert.deepEqual(
      { ...result, logs: result.logs.length },
      {
        status: 'SUCCESS',
        exitCode: 0,
        failureKind: null,
        error: null,
        outputs: [],
        logs: 3,
      },
    );
    assert.match(
      peer.log(build.build, 2),
      new RegExp(`^\\$ cat a\\.txt\nfrom the repository\\$ echo .*\n${commit} true `),
    );
    assert.match(peer.log(build.build, 0), /process driver: no isolation/);
    assert.deepEqual(await lastStatuses(build.build), ['SUCCESS', 'SUCCESS', 'SUCCESS']);
    agent.stop.abort();
    assert.deepEqual(await agent.exit, { kind: 'DRAINED' });
    assert.deepEqual(await readdir(join(scratch.path, 'state', 'workspaces')), []);
    assert.deepEqual(await readdir(join(scratch.path, 'state', 'builds')), []);
  });

  async function lastStatuses(build: string): Promise<string[]> {
    const statuses: string[] = [];
    for (const { buildId, steps } of peer.heard<UpdateStepsInput>('updateSteps')) {
      if (buildId === build) for (const { number, status } of steps) statuses[number] = status;
    }
    return Promise.resolve(statuses);
  }

  it('keeps its identity: the second start enrols no more and says the epoch that it knows', async () => {
    const first = startAgent();
    await peer.session(1);
    first.stop.abort();
    await first.exit;
    startAgent({ enrolmentToken: undefined });
    const { payload } = await peer.session(2);
    assert.equal(peer.heard('registerWorker').length, 1);
    assert.deepEqual([payload.lastEpoch, payload.clean, payload.holds], [1, true, '[]']);
    assert.notEqual(payload.bootId, peer.sessions[0]!.payload.bootId);
  });

  it('refuses a server whose root key is not the one of the token', async () => {
    const other = new ProtocolPeer();
    const agent = startAgent({ enrolmentToken: other.enrolmentToken() });
    await assert.rejects(agent.exit, /its root key is not the one that the enrolment token names/);
    await assert.rejects(access(join(scratch.path, 'state', 'worker.json')));
  });

  it('does not start without isolation unless it is told to', async () => {
    await assert.rejects(startAgent({ allowUnsandboxed: false }).exit, /without isolation/);
  });

  it('does not start twice on one state directory', async () => {
    startAgent();
    await peer.session(1);
    await assert.rejects(startAgent().exit, /in use by the agent with process id/);
  });

  for (const [what, statement] of [
    ['another worker', { workerId: 'somebody' }],
    ['another origin', { serverOrigin: 'https://evil.example' }],
    ['another connection', { sessionKeySha256: 'x'.repeat(43) }],
    ['another version', { version: 2 }],
  ] as const) {
    it(`does not take an acknowledgement for ${what}`, async () => {
      peer.statement = statement;
      startAgent();
      await peer.until(() => peer.sessions.length === 2);
      assert.equal(peer.heard('reportReady').length, 0);
    });
  }

  it('does not take a statement that no session key signed', async () => {
    peer.keys.session = peer.keys.offer;
    startAgent();
    await peer.until(() => peer.sessions.length === 2);
    assert.equal(peer.heard('reportReady').length, 0);
  });

  it('does not take a key set that another root signed, nor the sessions of its keys', async () => {
    startAgent();
    await peer.session(1);
    peer.keys = new PeerKeys();
    peer.cut();
    await peer.until(() => peer.sessions.length === 3);
    assert.equal(peer.heard('reportReady').length, 1);
  });

  it('runs nothing of a frame whose signature is not good, and goes on', async () => {
    startAgent();
    const session = await peer.session(1);
    const [forged, unsigned, good] = [head(['true']), head(['true']), head(['true'])];
    const { signature } = peer.keys.sign(peer.keys.session, Buffer.from('another'));
    session.push([await session.seal(forged)], { signature });
    session.push([await session.seal(unsigned)], { kid: null, signature: null });
    session.push([await session.seal(good)]);
    await peer.result(good.build);
    assert.deepEqual(accepted(), [good.build]);
  });

  it('runs nothing that is meant for another worker, sealed for another build or whose head was changed', async () => {
    startAgent();
    const session = await peer.session(1);
    const [a, b, good] = [head(['true']), head(['true']), head(['true'])];
    const sealedA = await session.seal(a);
    session.push([await session.seal({ ...head(['true']), worker: 'somebody' })]);
    session.push([{ ...(await session.seal(b)), seal: sealedA.seal, sealId: sealedA.sealId }]);
    session.push([{ ...sealedA, head: JSON.stringify({ ...a, slot: 1 }) }]);
    session.push([{ ...sealedA, buildId: b.build }]);
    session.push([await session.seal(good)]);
    await peer.result(good.build);
    assert.deepEqual(accepted(), [good.build]);
  });

  function accepted(): string[] {
    return peer
      .heard<AcceptBuildsInput>('acceptBuilds')
      .flatMap(({ builds }) => builds.map(({ buildId }) => buildId));
  }

  it('reports a failing step, runs what asks for a failure, and skips the rest', async () => {
    startAgent();
    const build = head(
      stepOf(['exit 1'], { name: 'shaky', ruleset: { continue: true } }),
      stepOf(['exit 3'], { name: 'bad' }),
      stepOf(['true'], { name: 'next' }),
      stepOf(['echo cleaning'], { name: 'clean', ruleset: { continue: false, status: ['failure'] } }),
    );
    await offer(1, build);
    const result = await peer.result(build.build);
    assert.deepEqual([result.status, result.exitCode, result.failureKind], ['FAILURE', 3, 'STEP_FAILED']);
    assert.match(result.error ?? '', /step bad failed/);
    assert.deepEqual(await lastStatuses(build.build), [
      'SUCCESS',
      'SKIPPED',
      'FAILURE',
      'FAILURE',
      'SKIPPED',
      'SUCCESS',
    ]);
  });

  it('lets no secret of a build leave the machine', async () => {
    const canary = 'canary-7f3a9c';
    startAgent();
    const session = await peer.session(1);
    const build = head(
      [
        `echo ${canary}`,
        `printf %s 'user:${canary}' | base64`,
        `printf '${canary.slice(0, 5)}'`,
        'sleep 0.3',
      ],
      [`printf '${canary.slice(0, 5)}'; sleep 0.3; printf '${canary.slice(5)}'; exit 3`],
    );
    const secrets = [{ name: 'deploy', value: canary, steps: [] }];
    session.push([await session.seal(build, { secrets })]);
    assert.equal((await peer.result(build.build)).status, 'FAILURE');
    assert.equal(
      peer.log(build.build, 2),
      "$ echo ***\n***\n$ printf %s 'user:***' | base64\ndXNlcjp***\n$ printf 'canar'\ncanar$ sleep 0.3\n",
    );
    assert.match(peer.log(build.build, 3), /; exit 3\n\*\*\*$/);
    assert.ok(!JSON.stringify(peer.calls).includes(canary));
  });

  it('masks the errors of a build before it cuts them', async () => {
    const canary = 'canary-7f3a9c';
    startAgent();
    const session = await peer.session(1);
    const build = headOf(peer.workerId, [['true']], {
      checkout: {
        url: `/nowhere/${canary}/${'x'.repeat(1_900)}/${canary}`,
        ref: null,
        commit: '0'.repeat(40),
      },
    });
    const secrets = [{ name: 'deploy', value: canary, steps: [] }];
    const cloning = { ...build, pipeline: { ...(build.pipeline as object), clone: true } };
    session.push([await session.seal(cloning, { secrets })]);
    const { error } = await peer.result(build.build);
    assert.match(error ?? '', /\/nowhere\/\*\*\*\/x+/);
    assert.ok(!error?.includes('cana'));
    assert.ok(!JSON.stringify(peer.calls).includes('canary'));
  });

  it('reports a clone that failed as such', async () => {
    startAgent();
    const build = head(['true']);
    await offer(1, { ...build, pipeline: { ...(build.pipeline as object), clone: true } });
    const result = await peer.result(build.build);
    assert.deepEqual([result.status, result.failureKind], ['ERROR', 'CLONE_FAILED']);
  });

  it('ends a build that takes too long', async () => {
    startAgent();
    const build = headOf(peer.workerId, [['sleep 60']], {
      deadlines: { prepareMs: 60_000, runMs: 200, cancelGraceMs: 5_000 },
    });
    await offer(1, build);
    const result = await peer.result(build.build);
    assert.deepEqual([result.status, result.failureKind], ['KILLED', 'TIMEOUT']);
  });

  it('cancels: asks, then kills, and reports it', async () => {
    startAgent();
    const build = head(["trap 'echo asked' TERM", 'echo up', 'while :; do sleep 0.05; done']);
    await offer(1, build);
    await printed(build.build, 2, '\nup\n');
    const session = await peer.session(1);
    session.push([{ __typename: 'CancelBuild', buildId: build.build, reason: 'by a person', graceMs: 300 }]);
    const result = await peer.result(build.build);
    assert.deepEqual(
      [result.status, result.failureKind, result.error],
      ['CANCELED', 'CANCELED', 'by a person'],
    );
    assert.match(peer.log(build.build, 2), /^asked$/m);
  });

  it('takes what a canceled step has daemonised with it', async function () {
    if (process.platform !== 'linux') skipBecause('needs /proc', this);
    startAgent();
    const build = head([
      'setsid sh -c \'trap "" TERM HUP; echo "pid $$"; while :; do sleep 0.05; done\' &',
      'trap "" TERM',
      'while :; do sleep 0.05; done',
    ]);
    await offer(1, build);
    await printed(build.build, 2, '\npid ');
    const session = await peer.session(1);
    session.push([{ __typename: 'CancelBuild', buildId: build.build, reason: 'by a person', graceMs: 100 }]);
    assert.equal((await peer.result(build.build)).status, 'CANCELED');
    const [, pid] = /^pid (\d+)$/m.exec(peer.log(build.build, 2)) ?? [];
    assert.equal(await startOf(Number(pid)), undefined, 'nothing is left when the result is said');
  });

  it('cancels a step that writes without end, and goes on with other builds', async () => {
    startAgent();
    const [endless, other] = [head(['yes']), head(['echo fine'])];
    await offer(1, endless);
    await printed(endless.build, 2, '\ny\ny\n');
    const session = await peer.session(1);
    await offer(1, other);
    assert.equal((await peer.result(other.build)).status, 'SUCCESS');
    session.push([{ __typename: 'CancelBuild', buildId: endless.build, reason: 'enough', graceMs: 100 }]);
    assert.equal((await peer.result(endless.build)).status, 'CANCELED');
  });

  it('forgets an offer whose accept is answered with CANCELED', async () => {
    peer.intercept = ({ name, input }) =>
      name === 'acceptBuilds'
        ? (input as AcceptBuildsInput).builds.map(({ buildId }) => ({ buildId, outcome: 'CANCELED' }))
        : undefined;
    const agent = startAgent();
    await offer(1, head(['true']));
    await peer.until(() => accepted().length === 1);
    agent.stop.abort();
    assert.deepEqual(await agent.exit, { kind: 'DRAINED' });
    assert.equal(peer.heard('startBuilds').length, 0);
  });

  it('refuses what is beyond its limit, and what it cannot run', async () => {
    startAgent({ buildLimit: 1 });
    const [first, second] = [head(['sleep 60']), head(['true'])];
    await offer(1, first);
    await peer.until(() => peer.heard('startBuilds').length === 1);
    await offer(1, second, headOf(peer.workerId, [], { target: 'aarch64-darwin' }));
    const refused = await peer.until(() => {
      const refusals = peer.heard<RefuseBuildInput>('refuseBuilds');
      return refusals.length === 2 && refusals;
    });
    assert.deepEqual(
      refused.map(({ reason }) => reason),
      ['BUSY', 'BUSY'],
    );
    assert.deepEqual(peer.heard<{ buildLimit?: number }>('updateWorker')[0]?.buildLimit, 1);
  });

  it('refuses another target as INCAPABLE and a full disk as NO_SPACE', async () => {
    startAgent({ minFreeDiskBytes: Number.MAX_SAFE_INTEGER });
    await offer(1, head(['true']));
    await peer.until(() => peer.heard<RefuseBuildInput>('refuseBuilds')[0]?.reason === 'NO_SPACE');
    const { stop, exit } = agents[0]!;
    stop.abort();
    await exit;
    startAgent();
    await offer(2, headOf(peer.workerId, [], { target: 'aarch64-darwin' }));
    await peer.until(() => peer.heard<RefuseBuildInput>('refuseBuilds')[1]?.reason === 'INCAPABLE');
  });

  it('keeps its builds over a lost connection, and sends what was not answered again', async () => {
    peer.answerHeld = ({ build }) => ({ build, answer: 'CONTINUE', nextSeqs: {}, hardDeadlineMs: 60_000 });
    startAgent();
    const go = join(scratch.path, 'go');
    const build = head(['echo up', `while [ ! -e '${go}' ]; do sleep 0.02; done`, 'echo after']);
    await offer(1, build);
    await printed(build.build, 2, '\nup\n');
    peer.cut();
    const resumed = await peer.session(2);
    assert.deepEqual(resumed.holds, [{ build: build.build, phase: 'RUNNING' }]);
    assert.equal(resumed.payload.bootId, peer.sessions[0]!.payload.bootId);
    let refusals = 0;
    peer.intercept = ({ name, session }) => {
      if (name !== 'finishBuilds' || refusals > 0) return undefined;
      refusals += 1;
      session!.close(1012);
      throw apiError('SESSION_SUPERSEDED');
    };
    peer.answerHeld = ({ build: id }) => ({ build: id, answer: 'RESEND' });
    await writeFile(go, '');
    await peer.session(3);
    assert.deepEqual(peer.sessions[2]!.holds, [{ build: build.build, phase: 'FINISHING' }]);
    await peer.until(() => peer.heard('finishBuilds').length === 2);
    const [once, again] = peer.heard('finishBuilds');
    assert.deepEqual(again, once);
    assert.match(peer.log(build.build, 2), /^after$/m);
  });

  it('starts an accepted build whose accept was never answered, when the next session says so', async () => {
    peer.answerHeld = ({ build }) => ({ build, answer: 'CONTINUE', hardDeadlineMs: 60_000 });
    peer.intercept = ({ name, session }) => {
      if (name === 'acceptBuilds') session!.close(1012);
    };
    startAgent();
    const build = head(['true']);
    await offer(1, build);
    assert.equal((await peer.result(build.build)).status, 'SUCCESS');
    assert.deepEqual(peer.sessions[1]!.holds, [{ build: build.build, phase: 'ACCEPTING' }]);
  });

  it('takes a package again that was offered on the session before', async () => {
    peer.answerHeld = ({ build }) => ({ build, answer: 'START' });
    peer.intercept = ({ name, session }) => {
      if (name === 'acceptBuilds' && session!.epoch === 1) session!.close(1012);
    };
    startAgent();
    const build = head(['true']);
    await offer(1, build);
    await offer(2, build);
    assert.equal((await peer.result(build.build)).status, 'SUCCESS');
  });

  it('stops a build that the server abandons and says nothing more of it', async () => {
    const agent = startAgent();
    const build = head(['echo up', 'sleep 60']);
    await offer(1, build);
    await printed(build.build, 2, '\nup\n');
    peer.cut();
    await peer.session(2);
    const before = peer.calls.length;
    agent.stop.abort();
    assert.deepEqual(await agent.exit, { kind: 'DRAINED' });
    const after = peer.calls.slice(before).map(({ name }) => name);
    assert.ok(!after.some((name) => /Builds|Steps|Logs/.test(name)), after.join());
  });

  it('tries again when the server has no database', async () => {
    let refusals = 0;
    peer.intercept = ({ name }) => {
      if (name === 'finishBuilds' && refusals++ < 2) throw apiError('STORE_UNAVAILABLE');
    };
    startAgent();
    const build = head(['true']);
    await offer(1, build);
    await peer.until(() => peer.heard('finishBuilds').length === 3);
    assert.equal(peer.sessions.length, 1);
  });

  it('stops for good when it is revoked, and kills what runs', async () => {
    const agent = startAgent();
    const build = head(['echo up', 'sleep 60']);
    await offer(1, build);
    await printed(build.build, 2, '\nup\n');
    peer.sessions[0]!.close(4411, 'revoked by an administrator');
    assert.deepEqual(await agent.exit, { kind: 'REVOKED', reason: 'revoked by an administrator' });
    assert.equal(peer.heard('finishBuilds').length, 0);
  });

  it('stops for good when its connect is refused as revoked', async () => {
    const first = startAgent();
    await peer.session(1);
    first.stop.abort();
    await first.exit;
    peer.refuseWith = 4411;
    assert.equal((await startAgent().exit).kind, 'REVOKED');
  });

  it('lets running builds end when it drains, and takes no new ones', async () => {
    const agent = startAgent();
    const go = join(scratch.path, 'go');
    const build = head(['echo up', `while [ ! -e '${go}' ]; do sleep 0.02; done`]);
    await offer(1, build);
    await printed(build.build, 2, '\nup\n');
    agent.stop.abort();
    await peer.until(() =>
      peer.heard<{ acceptsWork?: boolean }>('updateWorker').some((one) => one.acceptsWork === false),
    );
    await offer(1, head(['true']));
    await peer.until(() => peer.heard<RefuseBuildInput>('refuseBuilds')[0]?.reason === 'DRAINING');
    await writeFile(go, '');
    assert.deepEqual(await agent.exit, { kind: 'DRAINED' });
    assert.equal((await peer.result(build.build)).status, 'SUCCESS');
  });

  it('stops builds when it may not wait, and reports that the agent stopped', async () => {
    const agent = startAgent();
    const build = head(['echo up', 'sleep 60']);
    await offer(1, build);
    await printed(build.build, 2, '\nup\n');
    agent.stop.abort();
    agent.stopNow.abort();
    assert.deepEqual(await agent.exit, { kind: 'STOPPED', stoppedBuilds: 1 });
    const result = await peer.result(build.build);
    assert.deepEqual([result.status, result.failureKind], ['KILLED', 'AGENT_STOPPED']);
  });

  it('carries a large log whole, and announces its length', async () => {
    startAgent({ logCapBytes: 10_000_000 });
    const build = head(["head -c 3000000 /dev/zero | tr '\\0' 'x'"]);
    await offer(1, build);
    const result = await peer.result(build.build);
    const log = peer.log(build.build, 2);
    assert.equal(log.length, result.logs.find(({ step }) => step === 2)?.bytes);
    // No pattern: on a log that is too short one of so many would search for hours.
    assert.ok(log.endsWith('x'.repeat(3_000_000)), log.slice(-200));
  });

  it('gives builds the mounts of the worker', async () => {
    startAgent({ mounts: [{ source: scratch.path, destination: 'mounted', mode: 'ro' }] });
    const build = head(['readlink mounted']);
    await offer(1, build);
    await peer.result(build.build);
    assert.match(peer.log(build.build, 2), new RegExp(`^${scratch.path}$`, 'm'));
  });

  it('keeps the agent key out of what a build finds in its environment', async () => {
    startAgent();
    const build = head(['env']);
    await offer(1, build);
    await peer.result(build.build);
    const names = [...peer.log(build.build, 2).matchAll(/^([A-Z_]+)=/gm)].map(([, name]) => name!).sort();
    assert.deepEqual(
      names.filter((name) => !name.startsWith('SLIPWAY')),
      ['CI', 'HOME', 'LANG', 'PATH', 'PWD', 'TMPDIR'],
    );
  });

  it('gives a secret to the step that names it and to no other, and says which it does not give', async () => {
    startAgent();
    const secrets = [
      { name: 'npm', variable: 'NPM_TOKEN' },
      { name: 'gone', variable: 'GONE' },
    ];
    const look =
      'test "$NPM_TOKEN" = canary && echo "given: ${GONE-nothing}"; tr "\\0" " " </proc/self/cmdline';
    const build = head(stepOf([look], { secrets }), stepOf(['! env | grep canary'], { name: 'other' }));
    const session = await peer.session(1);
    session.push([
      await session.seal(build, {
        secrets: [{ name: 'npm', value: 'canary', steps: [1] }],
        refusedSecrets: [{ name: 'gone', step: 1, reason: 'it does not exist' }],
      }),
    ]);
    const result = await peer.result(build.build);
    assert.equal(result.status, 'SUCCESS', peer.log(build.build, 2));
    const log = peer.log(build.build, 2);
    assert.match(log, /^\[slipway: secret gone is not given: it does not exist\]$/m);
    assert.match(log, /^given: nothing$/m);
  });

  it('runs stages side by side, and those that are independent after a failure elsewhere', async () => {
    startAgent();
    const [here, there] = ['here', 'there'].map((name) => join(scratch.path, name));
    const meet = (mine: string, theirs: string): string =>
      `touch ${mine}; while [ ! -e ${theirs} ]; do sleep 0.02; done`;
    const build = head(
      stepOf([meet(here!, there!), 'exit 4'], { name: 'a', stage: 'one' }),
      stepOf([meet(there!, here!)], { name: 'b', stage: 'two' }),
      stepOf(['true'], { name: 'c', stage: 'three' }),
      stepOf(['true'], { name: 'd', stage: 'four' }),
    );
    const stages = [
      { name: 'one', needs: [], independent: false },
      { name: 'two', needs: [], independent: true },
      { name: 'three', needs: ['two', 'one'], independent: true },
      { name: 'four', needs: ['two'], independent: true },
    ];
    await offer(1, { ...build, pipeline: { ...(build.pipeline as object), stages } });
    const result = await peer.result(build.build);
    assert.deepEqual([result.status, result.exitCode], ['FAILURE', 4]);
    assert.deepEqual((await lastStatuses(build.build)).slice(2), [
      'FAILURE',
      'SUCCESS',
      'SKIPPED',
      'SUCCESS',
    ]);
  });

  it('ends a step at its limit, and the build as the step failed', async () => {
    startAgent();
    const build = head(stepOf(['trap "" TERM', 'while :; do sleep 0.05; done'], { timeoutMs: 300 }));
    await offer(1, { ...build, deadlines: { ...build.deadlines, cancelGraceMs: 200 } });
    const result = await peer.result(build.build);
    assert.deepEqual([result.status, result.failureKind], ['FAILURE', 'STEP_TIMEOUT']);
    assert.deepEqual((await lastStatuses(build.build))[2], 'KILLED');
  });

  it('refuses stages that wait for each other', async () => {
    startAgent();
    const build = head(stepOf(['true'], { stage: 'a' }));
    const stages = [{ name: 'a', needs: ['a'], independent: false }];
    await offer(1, { ...build, pipeline: { ...(build.pipeline as object), stages } });
    const refusal = await peer.until(() => peer.heard<RefuseBuildInput>('refuseBuilds')[0]);
    assert.equal(refusal.reason, 'INCAPABLE');
    assert.match(refusal.message ?? '', /do not wait for each other/);
  });

  it('takes its steps with it when it is killed, and the next one clears up and says that it is clean', async () => {
    const program = fileURLToPath(new URL('./support/agent-process.js', import.meta.url));
    const killed = await spawnProcess(process.execPath, [program, JSON.stringify(optionsOf())]);
    const build = head(['echo "pid $$"', 'sleep 60']);
    await offer(1, build);
    await printed(build.build, 2, '\npid ');
    await killed.kill('SIGKILL');
    const [, pid] = /^pid (\d+)$/m.exec(peer.log(build.build, 2)) ?? [];
    await eventually(async () => (await startOf(Number(pid))) === undefined, { what: 'the step ends' });
    const workspaces = join(scratch.path, 'state', 'workspaces');
    assert.deepEqual(await readdir(workspaces), [build.build]);
    startAgent({ enrolmentToken: undefined });
    const { payload } = await peer.session(2);
    assert.deepEqual([payload.clean, payload.holds, payload.lastEpoch], [true, '[]', 1]);
    assert.deepEqual(await readdir(workspaces), []);
  });

  for (const driver of ['process', 'sandbox'] as const) {
    it(`has its steps killed by its supervisor while it is stopped itself (driver ${driver})`, async function () {
      if (driver === 'sandbox') requiresCommand('bwrap', this);
      requiresCommand('bash', this);
      this.timeout(120_000); // An agent that was stopped waits for its logs before it reports the result.
      await peer.stop();
      peer = new ProtocolPeer({ heartbeatMs: 500, leaseMs: 4_000 });
      // Once it goes on, it may connect anew before it reports: the build is still its own.
      peer.answerHeld = ({ build, phase }) =>
        phase === 'FINISHING'
          ? { build, answer: 'RESEND' }
          : { build, answer: 'CONTINUE', nextSeqs: {}, hardDeadlineMs: 60_000 };
      await peer.listen();
      const program = fileURLToPath(new URL('./support/agent-process.js', import.meta.url));
      const agent = await spawnProcess(process.execPath, [program, JSON.stringify(optionsOf({ driver }))]);
      const mark = `60.${randomInt(1e9)}`;
      const build = head([`sleep ${mark}`]);
      await offer(1, build);
      await eventually(() => isRunning(mark), { what: 'the step runs', guardMs: 60_000 });
      process.kill(agent.pid, 'SIGSTOP');
      try {
        await eventually(async () => !(await isRunning(mark)), { what: 'the step ends', guardMs: 60_000 });
      } finally {
        process.kill(agent.pid, 'SIGCONT');
      }
      const result = await peer.result(build.build);
      assert.deepEqual([result.status, result.failureKind], ['KILLED', 'AGENT_STOPPED']);
      await agent.kill('SIGKILL');
    });
  }

  async function isRunning(argument: string): Promise<boolean> {
    const pids = (await readdir('/proc')).filter((name) => /^\d+$/.test(name));
    const lines = await Promise.all(
      pids.map((pid) => readFile(`/proc/${pid}/cmdline`, 'latin1').catch(() => '')),
    );
    return lines.some((line) => line.split('\0').includes(argument));
  }

  it('reports ready again when the server met the report before the subscription', async () => {
    let refusals = 0;
    peer.intercept = ({ name }) => {
      if (name === 'reportReady' && refusals++ < 2) throw apiError('CONFLICT');
    };
    startAgent();
    await peer.session(1);
    assert.equal(peer.sessions.length, 1);
  });

  it('sends its result until it is answered, also when a heartbeat hears meanwhile that the lease is gone', async () => {
    await peer.stop();
    peer = new ProtocolPeer({ heartbeatMs: 50 });
    await peer.listen();
    peer.answerHeld = ({ build }) => ({ build, answer: 'RESEND' });
    const heard = deferred<void>();
    let beatsMeanwhile = 0;
    peer.intercept = async ({ name, input, session }) => {
      const isFirst = peer.heard('finishBuilds').length === 1;
      if (name === 'finishBuilds' && isFirst) {
        await heard.promise;
        session!.close(1012);
        throw apiError('SESSION_SUPERSEDED');
      }
      if (name !== 'heartbeat' || !isFirst) return undefined;
      const { number, holds } = input as HeartbeatInput;
      session!.push([{ __typename: 'Beat', heartbeat: number }]);
      // The third one shows that the agent has the answer to the first.
      if ((beatsMeanwhile += 1) === 3) heard.resolve();
      return { leaseMs: 60_000, abandon: holds, workerToken: null };
    };
    startAgent();
    await offer(1, head(['true']));
    await peer.until(() => peer.heard('finishBuilds').length === 2);
  });

  describe('with short leases', () => {
    beforeEach(async () => {
      await peer.stop();
      peer = new ProtocolPeer({ heartbeatMs: 100, leaseMs: 1_200 });
      await peer.listen();
    });

    it('beats on the stream and says what it holds and the last frame', async () => {
      startAgent();
      const build = head(['sleep 60']);
      await offer(1, build);
      const beat = await peer.until(() =>
        peer
          .heard<HeartbeatInput>('heartbeat')
          .find(({ holds, lastFrameSeq }) => holds.length > 0 && lastFrameSeq > 1),
      );
      assert.deepEqual(beat.holds, [build.build]);
      assert.ok(beat.freeDiskBytes > 0 && beat.freeMemoryBytes > 0);
    });

    it('connects again when its heartbeats do not come back through the stream', async () => {
      peer.reflectsBeats = false;
      startAgent();
      await peer.session(2);
    });

    it('ends its builds before the lease does when nobody answers', async () => {
      startAgent();
      const ended = join(scratch.path, 'ended');
      const build = head([
        `trap 'date +%s%3N > ${ended}; exit 1' TERM`,
        'echo up',
        'while :; do sleep 0.02; done',
      ]);
      await offer(1, build);
      await printed(build.build, 2, '\nup\n');
      const cutMs = Date.now();
      peer.refuseWith = 4401;
      peer.cut();
      const endedMs = Number(
        await eventually(() => readFile(ended, 'utf8').then((text) => text !== '' && text)),
      );
      assert.ok(endedMs - cutMs < 1_200, `it was asked to end ${endedMs - cutMs} ms after the last answer`);
      assert.ok(endedMs - cutMs > 600, `it was asked to end ${endedMs - cutMs} ms after the last answer`);
      peer.answerHeld = ({ build: id }) => ({ build: id, answer: 'RESEND' });
      peer.refuseWith = null;
      const result = await peer.result(build.build);
      assert.deepEqual([result.status, result.failureKind], ['KILLED', 'AGENT_STOPPED']);
    });

    it('abandons what a heartbeat says', async () => {
      const agent = startAgent();
      const build = head(['echo up', 'sleep 60']);
      await offer(1, build);
      await printed(build.build, 2, '\nup\n');
      peer.intercept = ({ name, input }) => {
        const { holds } = (input ?? {}) as Partial<HeartbeatInput>;
        return name === 'heartbeat' ? { leaseMs: 1_200, abandon: holds ?? [], workerToken: null } : undefined;
      };
      await peer.until(() => peer.heard<HeartbeatInput>('heartbeat').at(-1)?.holds.length === 0);
      agent.stop.abort();
      assert.deepEqual(await agent.exit, { kind: 'DRAINED' });
      assert.equal(peer.heard('finishBuilds').length, 0);
    });
  });
});
