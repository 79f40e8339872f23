import { randomBytes } from 'node:crypto';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { silentLogger } from '../../src/base/logger.js';
import { EmbeddedPostgres } from '../../src/database/embedded/embedded-postgres.js';
import { removeDataDir } from '../../src/database/embedded/home.js';
import { afterEverything } from './teardown.js';

let server: Promise<string> | undefined;

/**
 * Address of the PostgreSQL server that the tests of this process use: `TEST_DATABASE_URL` (its user must be allowed to
 * create databases), else the embedded one, started on the first call and removed after all tests.
 */
export function testServer(): Promise<string> {
  server ??= start();
  return server;
}

async function start(): Promise<string> {
  const given = process.env.TEST_DATABASE_URL;
  if (given !== undefined && given !== '') return given;
  const dataDir = join(tmpdir(), `slipway-test-${randomBytes(6).toString('hex')}`);
  const postgres = await EmbeddedPostgres.open({ dataDir, logger: silentLogger, durability: 'fast' });
  afterEverything(async () => {
    await postgres.stop();
    await removeDataDir(dataDir);
  });
  return postgres.url;
}
