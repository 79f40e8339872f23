import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { createServer, type RequestListener } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Client } from '../../src/cli/client/client.js';
import { saveLog } from '../../src/cli/watch/save-log.js';
import { testApi } from '../graphql/support/test-api.js';
import { logScene, type Chunk } from '../logs/log-scene.js';
import { testDatabase } from '../support/database.js';
import { slipway, type Outcome } from './slipway.js';

describe('slipway log download', () => {
  const database = testDatabase();
  const scene = logScene(database);
  const api = testApi(database);
  const bytes = randomBytes(300_000);
  const chunks: Chunk[] = [
    [1, 0, 'cloned\n'],
    ...[0, 1, 2].map((seq): Chunk => [2, seq, bytes.subarray(seq * 100_000, (seq + 1) * 100_000)]),
  ];
  let cwd: string;

  beforeEach(async () => (cwd = await mkdtemp(join(tmpdir(), 'slipway-download-'))));
  afterEach(() => rm(cwd, { recursive: true, force: true }));

  const run = (...args: string[]): Promise<Outcome> =>
    slipway(['log', 'download', ...args], {
      cwd,
      env: { SLIPWAY_SERVER: api.url, SLIPWAY_TOKEN: api.token },
    });

  /** The reference of a new build with two logs. */
  async function newLogs(options: { isArchived: boolean }): Promise<string> {
    const build = options.isArchived ? await scene.sealed(chunks) : await scene.newBuild();
    if (options.isArchived) await scene.archiver(api.objects).runOnce();
    else await scene.append(build, chunks);
    const names = ['init', 'clone', '../../te st\n'];
    for (const [number, name] of names.entries())
      await database.query(
        `insert into steps (build_id, number, name, status) values ($1, $2, $3, 'SUCCESS')`,
        [build, number, name],
      );
    const [job] = await database.query<{ name: string; number: number }>(
      `select r.name, j.number from builds b join jobs j on j.id = b.job_id join repos r on r.id = j.repo_id where b.id = $1`,
      [build],
    );
    return `acme/${job?.name}#${job?.number}`;
  }

  for (const isArchived of [false, true]) {
    it(`saves the very bytes of ${isArchived ? 'an archived' : 'a running'} build, a file for each step`, async () => {
      const { code, stdout, stderr } = await run(await newLogs({ isArchived }), '--dir', 'logs');
      const files = ['1-clone.log', '2-.._.._te_st_.log'];
      assert.deepEqual([code, stdout], [0, files.map((file) => `logs/${file}\n`).join('')], stderr);
      assert.deepEqual((await readdir(join(cwd, 'logs'))).sort(), files);
      assert.equal(await readFile(join(cwd, 'logs', files[0]!), 'utf8'), 'cloned\n');
      assert.ok((await readFile(join(cwd, 'logs', files[1]!))).equals(bytes));
      assert.equal(/so far/.test(stderr), !isArchived);
    });
  }

  it('saves one log under the name that it is given', async () => {
    const reference = await newLogs({ isArchived: true });
    const { code, stdout } = await run(reference, '--step', 'clone', '-o', 'clone.txt');
    assert.deepEqual([code, stdout], [0, 'clone.txt\n']);
    assert.deepEqual(await readdir(cwd), ['clone.txt']);
  });

  it('refuses a name for several logs, a step without a log, and a directory that is none', async () => {
    const reference = await newLogs({ isArchived: true });
    assert.equal((await run(reference, '-o', 'x')).code, 2);
    assert.equal((await run(reference, '--step', 'init')).code, 3);
    const { code, stderr } = await run(reference, '--step', '1', '-o', 'missing/x');
    assert.equal(code, 1);
    assert.match(stderr, /^slipway: missing\/x cannot be written: ENOENT/);
  });

  describe('from a server that errs', () => {
    async function from(answer: RequestListener, file: string): Promise<unknown> {
      const server = createServer(answer).listen(0, '127.0.0.1');
      await once(server, 'listening');
      const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
      try {
        return await saveLog(new Client({ url, token: undefined }), { build: 'b', step: 1, file });
      } finally {
        server.closeAllConnections();
        server.close();
      }
    }

    const errs: Record<string, [answer: RequestListener, says: RegExp]> = {
      'in a byte': [
        (_, response) => response.setHeader('slipway-log-sha256', '0'.repeat(64)).end('text'),
        /has SHA-256 [0-9a-f]{64}, and the server sent one with 0{64}/,
      ],
      'by saying no sum': [(_, response) => response.end('text'), /did not say the SHA-256/],
      'by breaking off': [
        (_, response) => {
          response.writeHead(200, { 'content-length': '100' });
          response.write('text', () => response.destroy());
        },
        /did not come to its end/,
      ],
      'by sending no gzip as such': [
        (_, response) => response.setHeader('content-encoding', 'gzip').end('text'),
        /did not come to its end/,
      ],
      'without JSON': [(_, response) => response.writeHead(502).end('<html>'), /the server answered 502/],
    };
    for (const [how, [answer, says]] of Object.entries(errs)) {
      it(`${how} keeps what was there before`, async () => {
        const file = join(cwd, 'a.log');
        await writeFile(file, 'before');
        await assert.rejects(from(answer, file), says);
        assert.deepEqual(await readdir(cwd), ['a.log']);
        assert.equal(await readFile(file, 'utf8'), 'before');
      });
    }
  });
});
