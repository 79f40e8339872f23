import assert from 'node:assert/strict';
import { createHash, randomBytes, randomUUID } from 'node:crypto';
import { Readable } from 'node:stream';
import { createApiToken } from '../../src/tokens/index.js';
import { testApi } from '../graphql/support/test-api.js';
import { logScene } from '../logs/log-scene.js';
import { testDatabase } from '../support/database.js';

describe('the download of an artifact', () => {
  const database = testDatabase();
  const scene = logScene(database);
  const api = testApi(database);
  const bytes = randomBytes(300_000);
  const sha256 = createHash('sha256').update(bytes).digest();

  /** An artifact as it is once its worker has brought it. */
  async function stored(path = 'dist/app.tar'): Promise<string> {
    const [build, id] = [await scene.newBuild(), randomUUID()];
    await database.query(
      `insert into artifacts (id, build_id, step, path, bytes, sha256, expires_at, stored_at)
       values ($1, $2, 2, $3, $4, $5, slipway_now(), slipway_now())`,
      [id, build, path, bytes.length, sha256],
    );
    await api.objects.put(`artifacts/${build}/${id}`, Readable.from([bytes]));
    return id;
  }

  function request(
    path: string,
    init: RequestInit = {},
    token: string | null = api.token,
  ): Promise<Response> {
    const headers = new Headers(init.headers);
    if (token !== null) headers.set('authorization', `Bearer ${token}`);
    return fetch(`${api.url}${path}`, { ...init, headers });
  }

  async function refusal(answer: Promise<Response>): Promise<[number, string]> {
    const response = await answer;
    const { errors } = (await response.json()) as { errors: { extensions: { code: string } }[] };
    return [response.status, errors[0]?.extensions.code ?? ''];
  }

  it('gives all of it, as a file that no browser runs, with its sum', async () => {
    const response = await request(`/artifacts/${await stored('dist/sättze "1".html')}`);
    assert.equal(response.status, 200);
    assert.ok(Buffer.from(await response.arrayBuffer()).equals(bytes));
    const header = (name: string) => response.headers.get(name);
    assert.equal(header('slipway-artifact-sha256'), sha256.toString('hex'));
    assert.equal(header('content-type'), 'application/octet-stream');
    assert.equal(header('x-content-type-options'), 'nosniff');
    assert.equal(header('content-security-policy'), 'sandbox');
    assert.equal(
      header('content-disposition'),
      `attachment; filename="s_ttze__1_.html"; filename*=UTF-8''s%C3%A4ttze%20%221%22.html`,
    );
  });

  for (const [range, start, end] of [
    ['bytes=0-9', 0, 10],
    ['bytes=299990-', 299_990, 300_000],
    ['bytes=-5', 299_995, 300_000],
    ['bytes=5-999999999', 5, 300_000],
  ] as const) {
    it(`gives the part ${range}`, async () => {
      const response = await request(`/artifacts/${await stored()}`, { headers: { range } });
      assert.equal(response.status, 206);
      assert.equal(response.headers.get('content-range'), `bytes ${start}-${end - 1}/300000`);
      assert.ok(Buffer.from(await response.arrayBuffer()).equals(bytes.subarray(start, end)));
    });
  }

  it('says how long it is to who asks for what is beyond its end, and gives all for what is no range', async () => {
    const id = await stored();
    const outside = await request(`/artifacts/${id}`, { headers: { range: 'bytes=300000-' } });
    assert.deepEqual([outside.status, outside.headers.get('content-range')], [416, 'bytes */300000']);
    for (const range of ['bytes=9-3', 'bytes=-', 'lines=1-2', 'bytes=0-1,3-4']) {
      assert.equal((await request(`/artifacts/${id}`, { headers: { range } })).status, 200, range);
    }
  });

  it('is for who may read artifacts, and says no more of others than that there are none', async () => {
    const id = await stored();
    const { token } = await createApiToken(database.pool, { name: 'x', scopes: ['nothing'], lifeS: 60 });
    assert.deepEqual(await refusal(request(`/artifacts/${id}`, {}, null)), [401, 'UNAUTHENTICATED']);
    assert.deepEqual(await refusal(request(`/artifacts/${id}`, {}, token)), [403, 'FORBIDDEN']);
    assert.deepEqual(await refusal(request(`/artifacts/${randomUUID()}`)), [404, 'NOT_FOUND']);
    assert.deepEqual(await refusal(request('/artifacts/nonsense')), [404, 'NOT_FOUND']);
  });

  it('has no side door: an upload needs its announcement, its worker and its type', async () => {
    const put = (path: string, type: string) =>
      request(path, { method: 'PUT', body: 'x', headers: { 'content-type': type } });
    const octets = 'application/octet-stream';
    assert.deepEqual(await refusal(put(`/uploads/${randomUUID()}`, octets)), [404, 'NOT_FOUND']);
    assert.deepEqual(await refusal(put(`/uploads/${await stored()}`, octets)), [403, 'FORBIDDEN']);
    assert.deepEqual(await refusal(put(`/uploads/${randomUUID()}`, 'text/html')), [415, 'VALIDATION_FAILED']);
  });
});
