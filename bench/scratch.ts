import { randomBytes } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Client } from 'pg';
import { createLogger } from '../src/base/logger.js';
import { EmbeddedPostgres } from '../src/database/embedded/embedded-postgres.js';

/** A directory and an empty database that are gone after the bench. */
export interface Scratch {
  readonly dir: string;
  readonly databaseUrl: string;
  close(): Promise<void>;
}

/** Makes a database on the given server, or on an embedded one with full durability. */
export async function openScratch(serverUrl: string | undefined): Promise<Scratch> {
  const dir = await mkdtemp(join(tmpdir(), 'slipway-bench-'));
  const postgres = serverUrl === undefined ? await openEmbedded(dir) : undefined;
  const url = new URL(serverUrl ?? postgres?.url ?? '');
  const name = `slipway_bench_${randomBytes(6).toString('hex')}`;
  await run(url.href, `create database ${name}`);
  const databaseUrl = Object.assign(new URL(url), { pathname: `/${name}` }).href;
  const close = async (): Promise<void> => {
    await run(url.href, `drop database ${name} with (force)`);
    await postgres?.stop();
    await rm(dir, { recursive: true, force: true });
  };
  return { dir, databaseUrl, close };
}

function openEmbedded(dir: string): Promise<EmbeddedPostgres> {
  const logger = createLogger({ name: 'database', level: 'warn' });
  return EmbeddedPostgres.open({ dataDir: join(dir, 'postgres'), logger, durability: 'safe' });
}

async function run(url: string, statement: string): Promise<void> {
  const client = new Client({ connectionString: url });
  await client.connect();
  await client.query(statement);
  await client.end();
}
