import type { FastifyInstance } from 'fastify';
import type { Queryable } from '../database/queryable.js';

/** A database that answers later than this is as good as none. */
const READY_WITHIN_MS = 2000;

/** `/healthz`: the process answers. `/readyz`: it can work, which needs its database; 503 otherwise. */
export function addHealthRoutes(app: FastifyInstance, db: Queryable): void {
  app.get('/healthz', () => ({ status: 'ok' }));
  app.get('/readyz', async (_request, reply) => {
    const isReady = await answersInTime(db);
    return reply.code(isReady ? 200 : 503).send({ status: isReady ? 'ok' : 'the database does not answer' });
  });
}

async function answersInTime(db: Queryable): Promise<boolean> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<false>((resolve) => (timer = setTimeout(() => resolve(false), READY_WITHIN_MS)));
  const answer = db.query('select 1').then(
    () => true,
    () => false,
  );
  try {
    return await Promise.race([answer, late]);
  } finally {
    clearTimeout(timer);
  }
}
