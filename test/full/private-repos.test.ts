import assert from 'node:assert/strict';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { filesHolding } from '../agent/support/files-holding.js';
import { testDatabase } from '../support/database.js';
import { useHttpsGitServer } from '../support/git-servers/use-https-git-server.js';
import { useSshGitServer } from '../support/git-servers/use-ssh-git-server.js';
import { Installation } from '../support/installation.js';
import { requiresCommand } from '../support/skip.js';
import { assertSound } from '../support/world/auditor.js';

const login = { username: 'robot', token: 'canary-token-5e1f' };
const LOOK_AROUND = [
  // Whoever may look at other processes looks; whoever may not finds nothing either.
  'cat /proc/*/environ 2>/dev/null | tr "\\000" "\\n" | grep -c "^GIT_CONFIG_VALUE" || true',
  'env; git config --list --show-origin; cat .git/config',
  'git ls-remote origin HEAD || echo "not without the credential"',
];

// Real servers of git, the server and the worker as processes of their own, and the command line, as a team has them.
describe('builds of private repositories', function () {
  this.timeout(600_000);
  const database = testDatabase();
  const https = useHttpsGitServer();
  const ssh = useSshGitServer();
  let directory: string;
  let installation: Installation | undefined;

  before('start server and worker', async function () {
    for (const command of ['openssl', 'ssh', 'sshd']) requiresCommand(command, this);
    directory = await mkdtemp(join(tmpdir(), 'slipway-private-'));
    const env = { SLIPWAY_GIT_CA_FILE: https.authority.file };
    const serverEnv = { ...env, SLIPWAY_GIT_ALLOW_HOSTS: '127.0.0.0/8' };
    installation = new Installation(database, directory, { serverEnv });
    await installation.startServer();
    await installation.startWorker({ name: 'w1', env });
  });

  after(async () => {
    await installation?.stop();
    await assertSound(database);
    if (installation) await rm(directory, { recursive: true, force: true });
  });

  const pipeline = JSON.stringify({ version: '1', steps: [{ name: 'look', commands: LOOK_AROUND }] });

  const cli = (...args: string[]): ReturnType<Installation['cli']> => {
    assert.ok(installation);
    return installation.cli(...args);
  };

  async function file(name: string, content: string): Promise<string> {
    const path = join(directory, name);
    await writeFile(path, content, { mode: 0o600 });
    return path;
  }

  /** Adds a repo, builds it, and gives the log of its step. */
  async function build(name: string, ...options: string[]): Promise<string> {
    const added = await cli('repo', 'add', name, ...options);
    assert.equal(added.code, 0, added.stderr);
    const built = await cli('build', 'create', name, '--watch');
    const log = await cli('log', 'view', `${name}#1`);
    assert.equal(built.code, 0, built.stdout + built.stderr + log.stdout);
    return log.stdout + built.stdout;
  }

  async function dumpOf(): Promise<string> {
    const tables = await database.query<{ name: string }>(
      `select format('%I', tablename) as name from pg_tables where schemaname = 'public'`,
    );
    const rows = await Promise.all(
      tables.map(({ name }) => database.query(`select t.*::text from ${name} t`)),
    );
    return JSON.stringify(rows);
  }

  it('are green over https with a token, which is nowhere afterwards', async () => {
    https.server.behaviour = { login };
    const repo = await https.repo('app.git');
    await repo.commit({ '.slipway.yml': pipeline });
    const token = await file('token', `${login.token}\n`);
    const url = https.server.urlOf('app.git');
    const log = await build('acme/app', '--url', url, '--git-token-file', token, '--git-username', 'robot');
    await rm(token);
    assert.match(log, /not without the credential/);
    assert.match(log, /^0$/m);
    const basic = Buffer.from(`${login.username}:${login.token}`).toString('base64');
    for (const secret of [login.token, basic]) {
      assert.ok(!log.includes(secret));
      assert.ok(!(await dumpOf()).includes(secret));
    }
    assert.deepEqual(await filesHolding(directory, [login.token, basic]), []);
    const viewed = await cli('repo', 'view', 'ACME/App', '--output', 'json');
    assert.match(viewed.stdout, /"HTTPS_TOKEN"/);
    assert.doesNotMatch(viewed.stdout, /canary/);
  });

  it('are green over ssh with a key, which is nowhere afterwards', async () => {
    const repo = await ssh.repo('api.git');
    await repo.commit({ '.slipway.yml': pipeline });
    const key = await file('deploy-key', ssh.key.privateKey);
    const hosts = await file('known_hosts', ssh.server.knownHosts);
    const url = ssh.server.urlOf(repo.path);
    const log = await build('acme/api', '--url', url, '--ssh-key-file', key, '--known-hosts-file', hosts);
    await rm(key);
    assert.match(log, /not without the credential/);
    const secret = ssh.key.privateKey.split('\n')[2]!;
    assert.ok(!log.includes(secret));
    assert.ok(!(await dumpOf()).includes(secret));
    assert.deepEqual(await filesHolding(directory, [secret]), []);
    const viewed = await cli('repo', 'view', 'acme/api', '--output', 'json');
    assert.ok(viewed.stdout.includes(ssh.key.fingerprint), viewed.stdout);
  });

  it('fail at once, with the reason, when the token is taken away at the server', async () => {
    https.server.behaviour = { login: { ...login, token: 'another' } };
    const failed = await cli('build', 'create', 'acme/app', '--watch');
    assert.equal(failed.code, 1, failed.stdout + failed.stderr);
    assert.match(failed.stdout + failed.stderr, /does not take the token of the repo's credential/);
    const refused = await cli('repo', 'update', 'acme/app', '--git-token-file', await file('t2', 'x'));
    assert.equal(refused.code, 2, refused.stderr);
    assert.match(refused.stderr, /does not take the token/);
    https.server.behaviour = { login: { ...login, token: 'renewed' } };
    const renewed = await file('t3', 'renewed');
    const options = ['--git-username', 'robot', '--git-token-file', renewed, '--build-limit', '3'];
    const updated = await cli('repo', 'update', 'acme/app', ...options);
    assert.equal(updated.code, 0, updated.stderr);
    const built = await cli('build', 'create', 'acme/app', '--watch');
    assert.equal(built.code, 0, built.stdout + built.stderr);
  });
});
