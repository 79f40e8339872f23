import type { FastifyInstance } from 'fastify';
import type { Readable } from 'node:stream';
import { authenticate } from '../accounts/index.js';
import type { ArtifactStore } from '../artifacts/index.js';
import type { Queryable } from '../database/queryable.js';
import { authorize, readId } from '../graphql/index.js';
import { readRange } from './byte-range.js';

const SIGNATURE = 'slipway-signature';
const OCTETS = 'application/octet-stream';

/** `PUT /uploads/<id>`: a worker brings a file. `GET /artifacts/<id>`: a user fetches one. Neither is ever in memory. */
export function addArtifactRoutes(
  app: FastifyInstance,
  { db, artifacts }: { readonly db: Queryable; readonly artifacts: ArtifactStore },
): void {
  // In a scope of its own: elsewhere a body of bytes stays refused.
  void app.register((scope, _options, done) => {
    scope.addContentTypeParser(OCTETS, (_request, payload, parsed) => parsed(null, payload));
    scope.put<{ Params: { id: string }; Body: Readable }>('/uploads/:id', async (request, reply) => {
      const signature = request.headers[SIGNATURE];
      // A refusal leaves the body unread, and a connection with an unread body would never be free again.
      void reply.header('connection', 'close');
      await artifacts.receive({
        id: readId('upload', request.params.id),
        signature: typeof signature === 'string' ? signature : '',
        content: request.body as AsyncIterable<Uint8Array>,
      });
      return reply.code(204).send();
    });
    done();
  });

  app.get<{ Params: { id: string } }>(
    '/artifacts/:id',
    { exposeHeadRoute: false },
    async (request, reply) => {
      authorize({ principal: await authenticate(db, request.headers.authorization) }, 'artifact.read');
      const artifact = await artifacts.find(readId('artifact', request.params.id));
      const sha256 = artifact.sha256.toString('hex');
      const range = readRange(request.headers.range, artifact.bytes);
      void reply.headers({
        'content-type': OCTETS,
        'content-disposition': disposition(artifact.path),
        'content-security-policy': 'sandbox',
        'cache-control': 'private, no-store',
        'accept-ranges': 'bytes',
        'slipway-artifact-sha256': sha256,
        etag: `"${sha256}"`,
      });
      if (range === 'OUTSIDE')
        return reply.code(416).header('content-range', `bytes */${artifact.bytes}`).send();
      const { start, end } = range ?? { start: 0, end: artifact.bytes };
      if (range !== null) {
        void reply.code(206).header('content-range', `bytes ${start}-${end - 1}/${artifact.bytes}`);
      }
      void reply.header('content-length', end - start);
      return reply.send(await artifacts.open(artifact, { start, end }));
    },
  );
}

/** The last part of the path, in letters that mean nothing in a header; the whole name as RFC 6266 has it. */
function disposition(path: string): string {
  const name = path.slice(path.lastIndexOf('/') + 1);
  const encoded = encodeURIComponent(name).replace(
    /['()*]/g,
    (letter) => `%${letter.charCodeAt(0).toString(16)}`,
  );
  return `attachment; filename="${name.replace(/[^\w.-]/g, '_')}"; filename*=UTF-8''${encoded}`;
}
