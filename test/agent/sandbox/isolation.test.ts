import assert from 'node:assert/strict';
import { spawn, type ChildProcess } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { mkdir, symlink, writeFile } from 'node:fs/promises';
import { createServer, type AddressInfo, type Server } from 'node:net';

import { join } from 'node:path';
import { requiresCommand } from '../../support/skip.js';
import { useScratch } from '../support/scratch.js';
import { SandboxHost } from './support/sandbox-host.js';

// A step that goes for everything that the machine and the worker have and a build must not. What it finds would show
// in what it prints: the canary is in none of its commands.
describe('a step that hunts in its sandbox', () => {
  const scratch = useScratch();
  let host: SandboxHost;
  let canary: string;
  let identity: string;
  let bystander: ChildProcess;

  before(function () {
    requiresCommand('bwrap', this);
  });

  beforeEach(async () => {
    canary = `canary-${randomBytes(12).toString('hex')}`;
    process.env.SLIPWAY_TEST_CANARY = canary;
    host = await SandboxHost.create(scratch.path);
    identity = join(host.stateDir, 'identity.key');
    await writeFile(identity, canary, { mode: 0o600 });
    await mkdir(join(host.workspaceDir, 'other', 'source'), { recursive: true });
    await writeFile(join(host.workspaceDir, 'other', 'source', 'file'), canary);
    bystander = spawn('/bin/sh', ['-c', 'sleep 300', canary], { env: { CANARY: canary }, stdio: 'ignore' });
    await once(bystander, 'spawn');
  });

  afterEach(async () => {
    delete process.env.SLIPWAY_TEST_CANARY;
    bystander.kill('SIGKILL');
    assert.equal(await host.close(), true);
  });

  async function hunt(commands: readonly string[]): Promise<string> {
    const workspace = await host.build((checkout) => symlink(identity, join(checkout, 'link')));
    const running = host.start(workspace, ['set +e', ...commands, 'true']);
    assert.deepEqual(await running.exit, { kind: 'EXITED', code: 0 }, running.output());
    assert.ok(!running.output().includes(canary), running.output());
    return running.output();
  }

  it('finds no process but its own, and no environment or argument of anybody else', async () => {
    const output = await hunt(['cat /proc/*/environ /proc/*/cmdline | tr "\\0" "\\n"', 'echo /proc/[0-9]*']);
    assert.match(output, /^\/proc\/1 \/proc\/2$/m);
  });

  it('finds nothing of the build in what started it: neither its variables nor where it is on the machine', async () => {
    const output = await hunt(['tr "\\0" "\\n" < /proc/1/environ', 'tr "\\0" "\\n" < /proc/1/cmdline']);
    const variables = [...output.matchAll(/^([A-Z_]+)=/gm)].map(([, name]) => name).toSorted();
    assert.deepEqual(variables, ['LANG', 'PATH', 'PWD', 'SLIPWAY_BUILD_ID']);
    assert.ok(!output.includes(host.stateDir));
  });

  it('finds no descriptor but those of its output', async () => {
    const output = await hunt(['ls -l /proc/1/fd /proc/2/fd']);
    const targets = [...output.matchAll(/ \d+ -> (.*)$/gm)].map(([, target]) => target!);
    const strange = targets.filter(
      (target) => !/^(\/dev\/null|socket:\[\d+\]|\/slipway\/step\.sh|anon_inode:\[eventfd\])$/.test(target),
    );
    assert.deepEqual(strange, [], output);
    // Three for each of the two processes; the file of the shell's script, and what somebody left open to nowhere.
    assert.ok(targets.filter((target) => target.startsWith('socket:')).length <= 4, output);
  });

  it('does not find the files of the worker, whatever way it takes', async () => {
    const { stateDir, workspaceDir } = host;
    const output = await hunt([
      `cat '${identity}' link '${workspaceDir}/other/source/file'`,
      `ls -la '${stateDir}' /root /run /var/run /home /work ..`,
      `cat /proc/1/root${identity} /proc/self/cwd/../../identity.key /slipway/../../identity.key`,
      'find / -path /proc -prune -o -path /usr -prune -o -type f -size -64k -print0 | xargs -0 cat > /tmp/all',
      'cat /tmp/all; find / -path /proc -prune -o -path /usr -prune -o -name "identity*" -print',
    ]);
    assert.match(output, /link: No such file or directory/);
  });

  it('is nobody: no capability, no way to get one, nothing of the system to write', async () => {
    const output = await hunt([
      'grep -E "^(Cap|NoNewPrivs)" /proc/self/status',
      'touch /usr/x /etc/x /x /dev/x /proc/sys/kernel/hostname; echo 0 > /proc/sys/kernel/randomize_va_space',
      'unshare --user true && echo a user namespace',
      'mount -t tmpfs none /tmp && echo mounted',
      'kill -KILL 1 && kill -0 1 && echo still there',
    ]);
    assert.deepEqual(
      new Set([...output.matchAll(/^Cap\w+:\t(.*)$/gm)].map(([, bits]) => bits)),
      new Set(['0000000000000000']),
    );
    assert.match(output, /^NoNewPrivs:\t1$/m);
    assert.equal(output.match(/^touch: cannot touch/gm)?.length, 5, output);
    assert.match(output, /cannot create \/proc\/sys\/kernel\/randomize_va_space/);
    assert.match(output, /^still there$/m);
    assert.doesNotMatch(output, /^(a user namespace|mounted)$/m);
  });

  it('reaches neither loopback nor the metadata of a cloud nor sockets in the file system', async () => {
    const server = await serve(canary);
    const { port } = server.address() as AddressInfo;
    const abstract = await serve(canary, `\0${canary}`);
    try {
      const output = await hunt([
        `bash -c 'cat < /dev/tcp/127.0.0.1/${port}'`,
        `bash -c 'cat < /dev/tcp/169.254.169.254/80'`,
        `bash -c 'cat < /dev/tcp/192.0.2.1/80'`,
        'cat /proc/net/unix /proc/net/tcp /proc/net/dev',
        'ls /var/run/docker.sock /run/docker.sock',
      ]);
      assert.match(output, /127\.0\.0\.1\/\d+: Connection refused/);
      assert.equal(output.match(/connect: Network is unreachable/g)?.length, 2, output);
      assert.deepEqual(
        [...output.matchAll(/^ *(\w+): +\d/gm)].map(([, name]) => name),
        ['lo'],
      );
    } finally {
      server.close();
      abstract.close();
    }
  });

  it('knows the machine by no name', async () => {
    const output = await hunt([
      'hostname',
      'cat /etc/hostname /etc/passwd /etc/hosts',
      'cat /proc/self/cgroup',
    ]);
    assert.match(output, /^\$ hostname\nbuild\n/m);
    assert.doesNotMatch(output, /slipway-/);
  });
});

async function serve(text: string, path?: string): Promise<Server> {
  const server = createServer((socket) => socket.end(text));
  if (path === undefined) server.listen(0, '127.0.0.1');
  else server.listen(path);
  await once(server, 'listening');
  return server;
}
