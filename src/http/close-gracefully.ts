import type { FastifyInstance } from 'fastify';

const LOOK_MS = 50;
/** A request that takes longer than this to end is cut off. */
const GRACE_MS = 10_000;

/**
 * Takes no more connections, lets requests end, and resolves when nothing is open. Node closes the connections that
 * are idle when a server closes, once: one whose answer is just being finished would stay for as long as clients may
 * keep it alive, which is more than a minute.
 */
export async function closeGracefully(app: FastifyInstance): Promise<void> {
  const looks = setInterval(() => app.server.closeIdleConnections(), LOOK_MS);
  const grace = setTimeout(() => app.server.closeAllConnections(), GRACE_MS);
  try {
    await app.close();
  } finally {
    clearInterval(looks);
    clearTimeout(grace);
  }
}
