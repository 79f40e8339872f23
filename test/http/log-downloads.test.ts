import assert from 'node:assert/strict';
import { createHash, randomBytes, randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { get, type IncomingMessage } from 'node:http';
import { buffer } from 'node:stream/consumers';
import { gunzipSync } from 'node:zlib';
import { createApiToken } from '../../src/tokens/index.js';
import { logScene, type Chunk } from '../logs/log-scene.js';
import { testDatabase } from '../support/database.js';
import { testApi } from '../graphql/support/test-api.js';

describe('the download of a log', () => {
  const database = testDatabase();
  const scene = logScene(database);
  const api = testApi(database);
  const bytes = randomBytes(1_500_000);
  const chunks = Array.from({ length: 15 }, (_, seq): Chunk => [
    3,
    seq,
    bytes.subarray(seq * 100_000, (seq + 1) * 100_000),
  ]);
  const sha256 = createHash('sha256').update(bytes).digest('hex');

  async function download(
    path: string,
    headers: Record<string, string> = {},
    token: string | null = api.token,
  ) {
    const authorization = token === null ? {} : { authorization: `Bearer ${token}` };
    const request = get(`${api.url}/logs/${path}`, { headers: { ...authorization, ...headers } });
    const [response] = (await once(request, 'response')) as [IncomingMessage];
    return { response, body: await buffer(response) };
  }

  async function code(path: string, token?: string | null): Promise<[number | undefined, string]> {
    const { response, body } = await download(path, {}, token);
    const { errors } = JSON.parse(body.toString()) as {
      errors: { extensions: { code: string; requestId: string } }[];
    };
    assert.ok(errors[0]?.extensions.requestId);
    return [response.statusCode, errors[0].extensions.code];
  }

  it('of a build that still runs gives what is there, with its sum in the trailer', async () => {
    const build = await scene.newBuild();
    await scene.append(build, chunks);
    const { response, body } = await download(`${build}/3`, { 'accept-encoding': 'gzip' });
    assert.deepEqual([response.statusCode, response.headers['slipway-log-state']], [200, 'OPEN']);
    assert.ok(body.equals(bytes));
    assert.equal(response.trailers['slipway-log-sha256'], sha256);
  });

  for (const [encoding, accepted] of [
    ['gzip', 'br, gzip;q=0.5'],
    [undefined, 'identity'],
    [undefined, 'gzip;q=0'],
  ] as const) {
    it(`of an archived log is ${encoding ?? 'plain'} for who takes "${accepted}", with its sum in the header`, async () => {
      const build = await scene.sealed(chunks);
      await scene.archiver(api.objects).runOnce();
      const { response, body } = await download(`${build}/3`, { 'accept-encoding': accepted });
      assert.deepEqual(
        [
          response.headers['content-encoding'],
          response.headers['slipway-log-state'],
          response.headers['slipway-log-sha256'],
        ],
        [encoding, 'ARCHIVED', sha256],
      );
      assert.ok((encoding === undefined ? body : gunzipSync(body)).equals(bytes));
      if (encoding !== undefined) assert.equal(response.headers['content-length'], String(body.byteLength));
      assert.match(response.headers['content-type'] ?? '', /^text\/plain/);
      assert.match(response.headers['content-disposition'] ?? '', /^attachment; filename="[\w.-]+"$/);
    });
  }

  it('is for who may read logs', async () => {
    const build = await scene.sealed(chunks.slice(0, 1));
    assert.deepEqual(await code(`${build}/3`, null), [401, 'UNAUTHENTICATED']);
    assert.deepEqual(await code(`${build}/3`, 'swu_no_token'), [401, 'UNAUTHENTICATED']);
    const { token } = await createApiToken(api.pool, { name: 'none', scopes: ['enrol'], lifeS: 60 });
    assert.deepEqual(await code(`${build}/3`, token), [403, 'FORBIDDEN']);
  });

  it('refuses what is not there', async () => {
    const build = await scene.sealed(chunks.slice(0, 1));
    assert.deepEqual(await code(`${build}/4`), [404, 'NOT_FOUND']);
    assert.deepEqual(await code(`${randomUUID()}/3`), [404, 'NOT_FOUND']);
    assert.deepEqual(await code('x%00/3'), [404, 'NOT_FOUND']);
    assert.deepEqual(await code(`${build}/..%2f..%2fetc`), [400, 'VALIDATION_FAILED']);
    assert.deepEqual(await code(`${build}/99999999999`), [400, 'VALIDATION_FAILED']);
  });

  it('says that a log cannot be read when its object is lost', async () => {
    const build = await scene.sealed(chunks);
    await scene.archiver(api.objects).runOnce();
    await api.objects.remove(`logs/${build}/3.gz`);
    for (const accepted of ['gzip', 'identity']) {
      const { response } = await download(`${build}/3`, { 'accept-encoding': accepted });
      assert.equal(response.statusCode, 503);
    }
  });

  it('breaks off when it cannot be read on, so that nobody takes a part for the whole', async () => {
    const long = Array.from({ length: 40 }, (_, seq): Chunk => [3, seq, bytes.subarray(0, 100_000)]);
    const build = await scene.sealed(long);
    await scene.archiver(api.objects).runOnce();
    await database.query('delete from log_blocks where build_id = $1 and last_seq > 20', [build]);
    await assert.rejects(download(`${build}/3`), /aborted/);
  });

  it('does not hold what its reader does not take', async () => {
    const build = await scene.newBuild();
    const large = Buffer.alloc(1_000_000, 'x');
    await scene.append(
      build,
      Array.from({ length: 60 }, (_, seq): Chunk => [0, seq, large]),
    );
    api.statements.length = 0;
    const request = get(`${api.url}/logs/${build}/0`, { headers: { authorization: `Bearer ${api.token}` } });
    const [response] = (await once(request, 'response')) as [IncomingMessage];
    const reads = (): number => api.statements.filter((text) => text.includes('from log_chunks')).length;
    // Nothing tells that a server has stopped reading; one that stalls only makes this test more lenient.
    let before = -1;
    while (reads() !== before) {
      before = reads();
      await new Promise((resolve) => setTimeout(resolve, 300));
    }
    assert.ok(reads() < 50, `${reads()} pages were read of which nothing was taken`);
    assert.equal((await buffer(response)).byteLength, 60_000_000);
  });

  it('is listed with its sums', async () => {
    const build = await scene.sealed(chunks, { 3: 16 });
    const ask = async (): Promise<unknown> =>
      (await api.ask(`{ stepLogs(build: "${build}") { step state bytes lines sha256 missing isCapped } }`))
        .data;
    const log = { step: 3, lines: null, sha256: null, missing: 2, isCapped: false };
    assert.deepEqual(await ask(), { stepLogs: [{ ...log, state: 'SEALED', bytes: 1_500_000 }] });
    await scene.archiver(api.objects).runOnce();
    const { stepLogs } = (await ask()) as { stepLogs: { state: string; sha256: string; bytes: number }[] };
    assert.equal(stepLogs[0]?.state, 'ARCHIVED');
    assert.equal(stepLogs[0].bytes, 1_500_000 + '\n[slipway: 2 pieces of this log are missing]\n'.length);
  });
});
