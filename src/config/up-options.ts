import { allowedHost, databaseUrl } from './address-kinds.js';
import { choice, integer, listOf, text } from './kinds.js';
import { type ConfigOf, defaulted, optional } from './option.js';

/** What the all-in-one mode can be told; the rest it decides or makes itself. */
export const upOptions = {
  databaseUrl: optional(databaseUrl(), {
    env: 'DATABASE_URL',
    doc: 'A PostgreSQL database to use instead of the embedded one.',
  }),
  host: defaulted(text('a host name or address'), {
    env: 'SLIPWAY_HOST',
    flag: 'host',
    fallback: '127.0.0.1',
    doc: 'Address to listen on.',
  }),
  port: defaulted(integer({ min: 1, max: 65_535 }), {
    env: 'SLIPWAY_PORT',
    flag: 'port',
    fallback: '8470',
    doc: 'TCP port to listen on; when it is busy, the next free one.',
  }),
  dir: defaulted(text('a directory'), {
    env: 'SLIPWAY_DIR',
    flag: 'dir',
    fallback: '.slipway',
    doc: 'Directory for everything: database, keys, worker, sample repo.',
  }),
  buildLimit: defaulted(integer({ min: 1, max: 1000 }), {
    env: 'SLIPWAY_LIMIT',
    flag: 'limit',
    fallback: '2',
    doc: 'How many builds the local worker runs at once.',
  }),
  gitAllowHosts: defaulted(listOf(allowedHost()), {
    env: 'SLIPWAY_GIT_ALLOW_HOSTS',
    flag: 'git-allow-hosts',
    fallback: '10.0.0.0/8,172.16.0.0/12,192.168.0.0/16,fc00::/7',
    doc: 'Hosts off the public internet that the server may clone from: names, addresses or networks. By default the private networks, since whoever runs this is its administrator.',
  }),
  logLevel: defaulted(choice('silent', 'error', 'warn', 'info', 'debug', 'trace'), {
    env: 'SLIPWAY_LOG_LEVEL',
    flag: 'log-level',
    fallback: 'warn',
    doc: 'Least important kind of line that is shown of the server’s and the worker’s logs.',
  }),
};

/** Settings of `slipway up`. */
export type UpConfig = ConfigOf<typeof upOptions>;
