import { type Client as GraphqlSocket, createClient } from 'graphql-ws';
import { WebSocket } from 'ws';
import { fullJitterMs } from '../../base/backoff.js';
import { systemClock } from '../../base/clock.js';
import type { Endpoint } from './http-request.js';

export type { GraphqlSocket };

const KEEP_ALIVE_MS = 15_000;
const RECONNECT = { baseMs: 250, maxMs: 2000 };

/**
 * A socket for subscriptions that reconnects for as long as it is not disposed of, and then subscribes again. What
 * happened in between is not told: after each `connected` read the state afresh.
 */
export function openSocket(endpoint: Endpoint): GraphqlSocket {
  return createClient({
    url: `${endpoint.url.replace(/^http/, 'ws')}/graphql`,
    webSocketImpl: WebSocket,
    connectionParams: endpoint.token === undefined ? {} : { authorization: `Bearer ${endpoint.token}` },
    keepAlive: KEEP_ALIVE_MS,
    retryAttempts: Number.POSITIVE_INFINITY,
    retryWait: (attempt) => systemClock.sleep(fullJitterMs(attempt, RECONNECT)),
    shouldRetry: () => true,
  });
}
