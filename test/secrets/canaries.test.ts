import assert from 'node:assert/strict';
import { createHash, randomBytes } from 'node:crypto';
import { readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { scratchDir, ScratchRepo } from '../repos/scratch-repo.js';
import { testDatabase, type TestDatabase } from '../support/database.js';
import { Installation } from '../support/installation.js';
import type { TestProcess } from '../support/processes.js';
import { assertSound } from '../support/world/auditor.js';

const canary = (name: string): string => `canary-${name}-${randomBytes(16).toString('hex')}`;
const hashOf = (text: string): string => createHash('sha256').update(text).digest('hex');

describe('secrets from the command line to a step', function () {
  this.timeout(120_000);
  const database = testDatabase();
  const scratch = scratchDir();
  const values = {
    repo: canary('repo'),
    org: `${canary('org')}\nsecond "line" €`,
    shared: canary('shared'),
    old: canary('old'),
  };
  let installation: Installation;
  let processes: TestProcess[];

  before('start server and worker, add a repo', async () => {
    new ScratchRepo(join(scratch.path, 'repo')).commit({ '.slipway.yml': pipelineWith(values) });
    installation = new Installation(database, scratch.path, { serverEnv: { SLIPWAY_LOG_LEVEL: 'trace' } });
    const server = await installation.startServer();
    processes = [server, await installation.startWorker({ name: 'w1' })];
    await ok('repo', 'add', 'acme/site', '--url', join(scratch.path, 'repo'));
  });

  after(async () => {
    await installation.stop();
    await assertSound(database);
  });

  async function ok(...args: string[]): Promise<string> {
    const { code, stdout, stderr } = await installation.cli(...args);
    assert.equal(code, 0, stderr);
    return stdout;
  }

  it('are taken from standard input, a file and a variable, and not shown', async () => {
    const said = [
      await installation.cliWith(
        { input: `${values.old}\n` },
        'secret',
        'add',
        'TOKEN',
        '--repo',
        'acme/site',
      ),
      await installation.cliWith(
        { input: `${values.repo}\n` },
        'secret',
        'add',
        'TOKEN',
        '--repo',
        'acme/site',
      ),
      await installation.cliWith(
        { env: { MINE: values.shared } },
        'secret',
        'add',
        'ALL',
        '--shared',
        '--value-env',
        'MINE',
      ),
    ];
    writeFileSync(join(scratch.path, 'value'), values.org);
    const file = ['--value-file', 'value'];
    said.push(
      await installation.cli('add', 'secret', '--org', 'acme', '--name', 'KEY', ...file, '--ref', 'mai*'),
    );
    for (const { code, stderr } of said) assert.equal(code, 0, stderr);
    assert.match(said[1]?.stdout ?? '', /acme\/site\/TOKEN +2 /);
    assert.doesNotMatch(JSON.stringify(said), /canary/);
    const listed = JSON.parse(await ok('secret', 'list', '--org', 'acme', '-o', 'json')) as {
      key: string;
      allowRefs: string[];
    }[];
    assert.deepEqual(
      listed.map(({ key, allowRefs }) => [key, allowRefs]),
      [['acme/KEY', ['mai*']]],
    );
    assert.equal(await ok('list', 'secrets', '--org', 'acme', '--repo', 'site', '-o', 'name'), 'TOKEN\n');
  });

  it('reach the steps that name them, byte for byte, and no other', async () => {
    const { code, stdout, stderr } = await installation.cli('build', 'create', 'acme/site', '--watch');
    assert.equal(code, 0, stdout + stderr);
    const log = await ok('log', 'view', 'acme/site#1');
    assert.match(log, /there is no repo secret acme\/site\/MISSING/);
    assert.doesNotMatch(log, /canary/);
  });

  it('stand in no table, no log and no file of the server', async () => {
    await installation.cli('secret', 'add', 'x/y', '--shared', '--value-file', 'value');
    const texts = [
      ...(await dumpOf(database)),
      ...processes.map(({ output }) => output),
      ...filesBelow(join(scratch.path, 'server')),
    ];
    assert.ok(
      texts.some((text) => text.includes('"level":') || text.includes('level')),
      'nothing was logged',
    );
    for (const [name, value] of Object.entries(values))
      for (const form of formsOf(value))
        assert.equal(
          texts.filter((text) => text.includes(form)).length,
          0,
          `${name} as ${form.slice(0, 12)}…`,
        );
  });

  it('can be removed, and are refused from then on', async () => {
    assert.equal((await installation.cli('secret', 'remove', 'TOKEN', '--repo', 'acme/site')).code, 2);
    await ok('remove', 'secret', 'TOKEN', '--repo', 'acme/site', '--yes');
    assert.equal(
      (await installation.cli('secret', 'remove', 'TOKEN', '--repo', 'acme/site', '--yes')).code,
      3,
    );
    assert.equal((await installation.cli('build', 'create', 'acme/site', '--watch')).code, 1);
    assert.match(await ok('log', 'view', 'acme/site#2'), /there is no repo secret acme\/site\/TOKEN/);
  });

  it('are under the current master key already', async () => {
    const { stdout, stderr } = await installation.cli('secret', 'rotate-keys', '-o', 'json');
    assert.match(stderr, /^0 brought under [0-9a-f]{16}, 0 left\n$/);
    const uses = JSON.parse(stdout) as { table: string; isCurrent: boolean }[];
    assert.deepEqual(
      uses.map(({ table, isCurrent }) => [table, isCurrent]),
      [
        ['signing_keys', true],
        ['secrets', true],
      ],
    );
    assert.match(await ok('secret', 'rotate-keys', '--dry-run'), /\d of secrets +yes/);
  });
});

function pipelineWith(values: { repo: string; org: string; shared: string }): string {
  const proves = (variable: string, value: string): string =>
    `test "$(printf %s "$${variable}" | sha256sum | cut -d ' ' -f 1)" = ${hashOf(value)}`;
  return `
version: "1"
secrets:
  - { name: token, key: TOKEN, type: repo }
  - { name: key, key: acme/KEY, type: org }
  - { name: all, key: ALL, type: shared }
  - { name: missing, key: MISSING, type: repo }
steps:
  - name: has
    secrets: [token, { source: key, target: KEY }, { source: all, target: ALL }, missing]
    commands:
      - ${JSON.stringify(proves('TOKEN', values.repo))}
      - ${JSON.stringify(proves('KEY', values.org))}
      - ${JSON.stringify(proves('ALL', values.shared))}
  - name: has not
    commands:
      - ${JSON.stringify('test -z "$TOKEN$KEY$ALL"')}
`;
}

/** Every row of every table as text. */
async function dumpOf(database: TestDatabase): Promise<string[]> {
  const tables = await database.query<{ name: string }>(
    `select quote_ident(table_name) as name from information_schema.tables where table_schema = 'public'`,
  );
  assert.ok(tables.length > 20);
  const rows = await Promise.all(
    tables.map(({ name }) => database.query<{ row: string }>(`select t::text as row from ${name} t`)),
  );
  return rows.flat().map(({ row }) => row);
}

/** The bytes of every file, archives as what is in them; as text of one byte a character. */
function filesBelow(directory: string): string[] {
  return readdirSync(directory, { recursive: true, encoding: 'utf8' })
    .map((name) => join(directory, name))
    .filter((path) => statSync(path).isFile())
    .map((path) => readFileSync(path))
    .map((bytes) =>
      (bytes.subarray(0, 2).toString('hex') === '1f8b' ? gunzipSync(bytes) : bytes).toString('latin1'),
    );
}

/** What a value looks like raw, in JSON, in hexadecimal digits and in base64 at any offset. */
function formsOf(value: string): string[] {
  const bytes = Buffer.from(value);
  const shifted = [0, 1, 2].map((shift) =>
    Buffer.concat([Buffer.alloc(shift), bytes])
      .toString('base64')
      .slice(4, 40),
  );
  return [
    value,
    value.slice(0, 30),
    JSON.stringify(value).slice(1, -1),
    bytes.toString('hex').slice(0, 60),
    ...shifted,
  ];
}
