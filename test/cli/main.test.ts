import assert from 'node:assert/strict';
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { commandTable } from '../../src/cli/command-table.js';
import { findFreePort } from '../../src/database/embedded/free-port.js';
import { slipway as run, type Outcome } from './slipway.js';

describe('slipway', () => {
  let cwd: string;
  before(async () => (cwd = await mkdtemp(join(tmpdir(), 'slipway-cli-'))));
  after(() => rm(cwd, { recursive: true }));

  const slipway = (args: string[], env: Record<string, string> = {}): Promise<Outcome> =>
    run(args, { cwd, env });

  it('prints its version, and nothing else, to standard output', async () => {
    const { version } = JSON.parse(await readFile('package.json', 'utf8')) as { version: string };
    for (const args of [['--version'], ['version']]) {
      assert.deepEqual(await slipway(args), { code: 0, signal: null, stdout: `${version}\n`, stderr: '' });
    }
  });

  it('explains every command', async () => {
    for (const { path, summary } of commandTable) {
      const { code, stdout } = await slipway([...path, '--help']);
      assert.equal(code, 0, path.join(' '));
      assert.match(stdout, new RegExp(`^Usage: slipway ${path.join(' ')} `));
      assert(stdout.includes(summary.slice(0, 20)), path.join(' '));
    }
  });

  it('takes a command verb first as well', async () => {
    assert.match((await slipway(['add', 'repo', '--help'])).stdout, /^Usage: slipway add repo /);
    assert.match((await slipway(['cancel', 'build', '--help'])).stdout, /^Usage: slipway cancel build /);
  });

  it('explains a command that is asked for after `help`, as --help does', async () => {
    const [asked, flagged] = [
      await slipway(['help', 'build', 'list']),
      await slipway(['build', 'list', '--help']),
    ];
    assert.deepEqual(asked, flagged);
    assert.match(asked.stdout, /--state <state>/);
  });

  it('shows durations in a help text as one gives them', async () => {
    assert.match((await slipway(['worker', 'enrol', '--help'])).stdout, /--ttl <duration> .*\(default: 1h\)/);
  });

  const unusable: Record<string, { args: string[]; says: RegExp }> = {
    'no command': { args: [], says: /^Usage: slipway/ },
    'a group without a command': { args: ['build'], says: /^Usage: slipway build/ },
    'an unknown command': {
      args: ['biuld'],
      says: /slipway: unknown command 'biuld'\n {2}Did you mean build\?\n {2}next: slipway --help/,
    },
    'an unknown option': { args: ['build', 'list', '--limt', '3'], says: /unknown option '--limt'/ },
    'a missing argument': { args: ['build', 'watch'], says: /missing required argument 'build'/ },
    'too many arguments': { args: ['build', 'watch', '1', '2'], says: /too many arguments/ },
    'a limit that is no number': { args: ['build', 'list', '--limit', '-1'], says: /whole number from 1 on/ },
    'a state that builds have not': { args: ['build', 'list', '--state', 'green'], says: /one of PENDING, / },
    'an unknown format': {
      args: ['repo', 'list', '-o', 'xml'],
      says: /table, wide, json, jsonl, yaml, name/,
    },
    'a repo without organisation': { args: ['repo', 'view', 'site'], says: /"site".*expected org\/name/ },
    'a build reference that is none': {
      args: ['build', 'view', 'x#1'],
      says: /expected a number, org\/repo#number/,
    },
    'variables that are no JSON': {
      args: ['api', '{ version }', '--variables', '{'],
      says: /expected a JSON object/,
    },
    'the value of a secret as an argument': {
      args: ['secret', 'add', 'TOKEN', 'hush-4711', '--shared'],
      says: /a value does not belong into a command line.*\n {2}next: the same with < FILE/,
    },
    'the value of a secret as an option': {
      args: ['secret', 'add', 'TOKEN', '--value', 'hush-4711', '--shared'],
      says: /a value does not belong into a command line/,
    },
    'a secret of nobody': { args: ['secret', 'list'], says: /whose secret is meant\?/ },
    'a secret of two': {
      args: ['secret', 'list', '--repo', 'acme/site', '--org', 'acme'],
      says: /whose secret is meant\?/,
    },
    'a secret without a name': { args: ['secret', 'add', '--shared'], says: /which secret is meant\?/ },
    'a secret without a value': { args: ['secret', 'add', 'TOKEN', '--shared'], says: /the value is empty/ },
    'a variable for a secret that is not there': {
      args: ['secret', 'add', 'TOKEN', '--shared', '--value-env', 'NOT_THERE'],
      says: /the environment has no variable NOT_THERE/,
    },
    'a file for a secret that is not there': {
      args: ['secret', 'add', 'TOKEN', '--shared', '--value-file', 'not-there'],
      says: /the file not-there cannot be read/,
    },
    'two sources of a value': {
      args: ['secret', 'add', 'TOKEN', '--shared', '--value-file', 'a', '--keep-value'],
      says: /expected one of --value-file, --value-env and --keep-value/,
    },
    'a duration without meaning': { args: ['build', 'watch', '1', '--timeout', '5x'], says: /such as 90s/ },
    'settings that are missing': { args: ['server'], says: /DATABASE_URL: .*\n.*SLIPWAY_MASTER_KEY: / },
    'a worker without a server': { args: ['worker', 'run'], says: /SLIPWAY_SERVER \(or --server\)/ },
  };
  for (const [what, { args, says }] of Object.entries(unusable)) {
    it(`answers ${what} with exit code 2, on standard error alone`, async () => {
      const { code, stdout, stderr } = await slipway(args);
      assert.match(stderr, says);
      assert.doesNotMatch(stderr, /hush/);
      assert.deepEqual({ code, stdout }, { code: 2, stdout: '' });
    });
  }

  it('refuses an unknown SLIPWAY_ variable of a server with a suggestion, and not of a client', async () => {
    const env = { SLIPWAY_PROT: '1' };
    assert.match((await slipway(['server'], env)).stderr, /SLIPWAY_PROT: .*did you mean SLIPWAY_PORT\?/);
    assert.equal((await slipway(['build', 'list'], env)).code, 6);
  });

  it('exits with 6 where no server is known, and says how to name one', async () => {
    const { code, stdout, stderr } = await slipway(['build', 'list', '--output', 'json']);
    assert.deepEqual({ code, stdout }, { code: 6, stdout: '' });
    assert.match(stderr, /no server is known here\n {2}next: .*SLIPWAY_SERVER/);
  });

  it('exits with 6 when nobody listens, with the address and the reason', async () => {
    const url = `http://127.0.0.1:${await findFreePort()}`;
    const { code, stderr } = await slipway(['repo', 'list', '--server', url]);
    assert.equal(code, 6);
    assert.match(stderr, /no answer from the server at http:\/\/127\.0\.0\.1:\d+\n {2}why: .*ECONNREFUSED/);
  });

  it('finds the server of a directory above, also when it is gone', async () => {
    await mkdir(join(cwd, '.slipway'));
    await mkdir(join(cwd, 'deep', 'down'), { recursive: true });
    const server = { url: `http://127.0.0.1:${await findFreePort()}`, adminTokenFile: join(cwd, 'token') };
    await writeFile(join(cwd, '.slipway', 'server.json'), JSON.stringify(server));
    await writeFile(server.adminTokenFile, 'swu_x');
    const { code, stderr } = await run(['build', 'list'], { cwd: join(cwd, 'deep', 'down') });
    await rm(join(cwd, '.slipway'), { recursive: true });
    assert.match(stderr, /no answer from the server at http:\/\/127\.0\.0\.1/);
    assert.equal(code, 6);
  });

  it('refuses a token that is cut off, without repeating it', async () => {
    const { code, stderr } = await slipway(['build', 'list'], { SLIPWAY_TOKEN: 'swu_0123456789abcdef_77' });
    assert.equal(code, 2);
    assert.match(stderr, /SLIPWAY_TOKEN: got "23 characters, not shown"/);
    assert.doesNotMatch(stderr, /swu_0/);
  });

  it('asks before it destroys, and without a terminal wants --yes', async () => {
    await mkdir(join(cwd, 'kept'));
    const { code, stderr } = await slipway(['reset', '--dir', 'kept']);
    assert.equal(code, 2);
    assert.match(stderr, /Delete .*kept.*--yes/s);
    assert.equal((await slipway(['reset', '--dir', 'kept', '--yes'])).code, 0);
    assert.equal((await slipway(['reset', '--dir', 'kept', '--yes'])).code, 3);
  });
});
