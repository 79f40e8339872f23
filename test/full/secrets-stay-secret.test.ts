import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { GitRepo } from '../agent/support/git-repo.js';
import { testDatabase } from '../support/database.js';
import { eventually } from '../support/eventually.js';
import { Installation } from '../support/installation.js';
import type { TestProcess } from '../support/processes.js';
import { assertSound } from '../support/world/auditor.js';

const CANARY = `canary/${randomBytes(9).toString('hex')}+"quoted" & more`;
const KEY = ['-----BEGIN KEY-----', ...keyLines(6), '-----END KEY-----'].join('\n');

/** Prints its secrets in every way that people and programs do, hands one on, and leaves files. */
const PIPELINE = `version: "1"
secrets:
  - { name: canary, key: secret/app/canary, engine: native, type: repo }
  - { name: key, key: secret/app/key, engine: native, type: repo }
steps:
  - name: leak
    secrets: [canary, key]
    commands:
      - echo "$CANARY"; echo "$KEY"; set -x; echo "$CANARY" "$KEY" > /dev/null; set +x
      - printf %s "$CANARY" | base64; printf 'x%s' "$CANARY" | base64 -w 0; printf 'xx%s' "$KEY" | base64
      - printf %s "$CANARY" | base64 -w 0 | base64 -w 0; printf %s "$KEY" | base64 | base64
      - node -e 'const s = process.env.CANARY; console.log(JSON.stringify(s), encodeURIComponent(s), encodeURIComponent(s).toLowerCase())'
      - node -e 'for (const c of process.env.CANARY) process.stdout.write(c)'
      - env | sort
      - echo "stolen=$CANARY" >> "$SLIPWAY_OUTPUTS"; echo "package_ident=secret/app/1.0/1" >> "$SLIPWAY_OUTPUTS"
      - mkdir -p dist; echo built > dist/app.txt; echo x > "dist/$(printf %s "$CANARY" | base64 -w 0 | tr +/ -_)"; ln -s /etc/passwd dist/link
    artifacts: { paths: ["dist/**"] }
  - name: fail
    secrets: [canary]
    commands: ['echo "$CANARY"; exit 3']
    ruleset: { continue: true }
`;

describe('the secrets of a build', function () {
  this.timeout(180_000);
  const database = testDatabase();
  const processes: TestProcess[] = [];
  let directory: string;
  let installation: Installation;

  before(async () => {
    directory = await mkdtemp(join(tmpdir(), 'slipway-secret-'));
    installation = new Installation(database, directory);
    processes.push(await installation.startServer());
    processes.push(await installation.startWorker({ name: 'agent' }));
    const source = join(directory, 'source');
    await (await GitRepo.create(source)).commit({ '.slipway.yml': PIPELINE });
    await cli('repo', 'add', 'secret/app', '--url', source);
    for (const [name, value] of [
      ['canary', CANARY],
      ['key', KEY],
    ] as const) {
      await writeFile(join(directory, 'value'), value);
      await cli('secret', 'add', name, '--repo', 'secret/app', '--value-file', join(directory, 'value'));
    }
    await rm(join(directory, 'value'));
    await cli('build', 'create', 'secret/app');
    const isComplete = async (): Promise<boolean> => {
      const [build] = await database.query<{ status: string }>('select status from builds');
      const [log] = await database.query('select 1 from builds where log_state in ($1, $2)', [
        'SEALED',
        'ARCHIVED',
      ]);
      return build?.status === 'SUCCESS' && log !== undefined;
    };
    await eventually(isComplete, { guardMs: 90_000, what: 'the end of the build' });
  });

  after(async () => {
    await installation.stop();
    await assertSound(database);
    await rm(directory, { recursive: true, force: true });
  });

  async function cli(...args: string[]): Promise<string> {
    const done = await installation.cli(...args);
    assert.equal(done.code, 0, `${args.join(' ')}: ${done.stderr}`);
    return done.stdout;
  }

  it('are in no row, log, object and output of the installation, in any form', async () => {
    const said = processes.map(({ output }) => output).join('\n');
    const found = [await everyRow(), said, await everyFile(join(directory, 'server'))];
    found.push(await cli('log', 'view', 'secret/app#1'), await cli('build', 'view', 'secret/app#1'));
    for (const [index, text] of found.entries())
      for (const form of formsOf(CANARY).concat(formsOf(KEY), KEY.split('\n').slice(1, -1)))
        assert.ok(!text.includes(form), `${index}: ${form} was found`);
    assert.ok(found[3]!.includes('***'));
  });

  it('leave outputs and files as useful as they were', async () => {
    const view = await cli('build', 'view', 'secret/app#1');
    assert.match(view, /package_ident=secret\/app\/1\.0\/1\n {2}stolen=\*\*\*\n/);
    assert.match(await cli('artifact', 'list', 'secret/app#1'), /dist\/app\.txt +6 /);
    const saved = await cli('artifact', 'download', 'secret/app#1', '--dir', join(directory, 'saved'));
    assert.equal(saved, `${join(directory, 'saved/dist/app.txt')}\n`);
    assert.equal(await readFile(join(directory, 'saved/dist/app.txt'), 'utf8'), 'built\n');
    const log = await cli('log', 'view', 'secret/app#1');
    assert.match(log, /artifact dist\/link is a link, which is not followed/);
    assert.match(log, /an artifact has a secret in its name: it is not kept/);
  });

  /** All that the database holds, bytes as text: what a dump would show. */
  async function everyRow(): Promise<string> {
    const tables = await database.query<{ name: string }>(
      `select quote_ident(table_name) as name from information_schema.tables
       where table_schema = 'public' and table_type = 'BASE TABLE'`,
    );
    const texts: string[] = [];
    for (const { name } of tables) {
      const rows = await database.query(`select * from ${name}`);
      for (const row of rows)
        for (const value of Object.values(row))
          texts.push(Buffer.isBuffer(value) ? value.toString('latin1') : (JSON.stringify(value) ?? ''));
    }
    return texts.join('\n');
  }
});

/** Everything below a directory, one after the other. */
async function everyFile(directory: string): Promise<string> {
  const entries = await readdir(directory, { recursive: true, withFileTypes: true });
  const files = entries.filter((entry) => entry.isFile());
  const texts = await Promise.all(
    files.map((entry) => readFile(join(entry.parentPath, entry.name), 'latin1')),
  );
  return texts.join('\n');
}

/** Parts of a secret, in forms that a search finds wherever the secret stands in them. */
function formsOf(secret: string): string[] {
  const bytes = [0, 1, 2].map((shift) => Buffer.concat([Buffer.alloc(shift, 'x'), Buffer.from(secret)]));
  const once = bytes.map((each) => each.toString('base64').slice(4, 28));
  const twice = bytes.map((each) => Buffer.from(each.toString('base64')).toString('base64').slice(8, 32));
  return [secret, JSON.stringify(secret).slice(1, -1), encodeURIComponent(secret), ...once, ...twice];
}

function keyLines(count: number): string[] {
  return Array.from({ length: count }, () => randomBytes(48).toString('base64'));
}
