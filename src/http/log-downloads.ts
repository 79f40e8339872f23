import { createHash } from 'node:crypto';
import { Readable } from 'node:stream';
import type { FastifyInstance, FastifyReply } from 'fastify';
import { authenticate } from '../accounts/index.js';
import { ValidationError } from '../base/errors.js';
import { authorize, readId } from '../graphql/index.js';
import type { LogDownload, LogReader } from '../logs/index.js';
import type { Queryable } from '../database/queryable.js';

/** Says the SHA-256 of the text: in the header of an archived log, otherwise in the trailer. */
const SHA256 = 'slipway-log-sha256';
const STEP = /^\d{1,9}$/;

/**
 * `GET /logs/<build>/<step>`: the whole log of a step as text, with a user's token. An archived one is sent as the gzip
 * file that it is to whoever takes that.
 */
export function addLogDownloads(
  app: FastifyInstance,
  { db, logs }: { readonly db: Queryable; readonly logs: LogReader },
): void {
  app.get<{ Params: { build: string; step: string } }>(
    '/logs/:build/:step',
    { exposeHeadRoute: false },
    async (request, reply) => {
      authorize({ principal: await authenticate(db, request.headers.authorization) }, 'log.read');
      const { build, step } = request.params;
      const place = { buildId: readId('build', build), step: readStep(step) };
      const download = await logs.download(place);
      void reply.headers({
        'content-type': 'text/plain; charset=utf-8',
        'content-disposition': `attachment; filename="${place.buildId}-${place.step}.log"`,
        'cache-control': 'private, no-store',
        vary: 'accept-encoding, authorization',
        'slipway-log-state': download.state,
      });
      return download.sha256 !== null
        ? sendArchived(reply, download, takesGzip(request.headers['accept-encoding']))
        : sendHashed(reply, download);
    },
  );
}

async function sendArchived(
  reply: FastifyReply,
  { archive, sha256, text }: LogDownload,
  asGzip: boolean,
): Promise<FastifyReply> {
  void reply.header(SHA256, sha256);
  if (!asGzip || archive === null) return reply.send(Readable.from(text(), { objectMode: false }));
  const object = await archive.open();
  return reply.headers({ 'content-encoding': 'gzip', 'content-length': archive.bytes }).send(object);
}

/** The sum is known when the last byte has gone. */
function sendHashed(reply: FastifyReply, { text }: LogDownload): FastifyReply {
  const hash = createHash('sha256');
  const hashed = async function* (): AsyncGenerator<Uint8Array> {
    for await (const bytes of text()) {
      hash.update(bytes);
      yield bytes;
    }
  };
  reply.trailer(SHA256, () => Promise.resolve(hash.digest('hex')));
  return reply.send(Readable.from(hashed(), { objectMode: false }));
}

function takesGzip(accepted: string | undefined): boolean {
  return /(^|,)\s*gzip\s*(,|$|;\s*q=(1|0\.\d*[1-9]))/i.test(accepted ?? '');
}

function readStep(text: string): number {
  if (STEP.test(text)) return Number(text);
  throw ValidationError.of('step', text, 'the number of a step');
}
