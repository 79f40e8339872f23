import { randomBytes } from 'node:crypto';
import { Client } from 'pg';
import { migrate } from '../../src/database/migrate.js';
import { testServer } from './database-server.js';
import { afterEverything } from './teardown.js';
import { installTestClock } from './test-clock.js';

let template: Promise<string> | undefined;

/** Name of the database that test databases are cloned from: the current schema and the test clock. Made once. */
export function testTemplate(): Promise<string> {
  template ??= makeTemplate();
  return template;
}

/** Address of another database on the test server. */
export async function urlOf(database: string): Promise<string> {
  const url = new URL(await testServer());
  url.pathname = `/${database}`;
  return url.href;
}

/** Runs statements on the test server itself, outside of any test database. */
export async function onServer(...statements: string[]): Promise<void> {
  await withClient(await testServer(), async (client) => {
    for (const statement of statements) await client.query(statement);
  });
}

async function makeTemplate(): Promise<string> {
  const name = `slipway_template_${process.pid}_${randomBytes(4).toString('hex')}`;
  await onServer(`create database ${name} template template0 encoding 'UTF8'`);
  afterEverything(() => onServer(`drop database ${name} with (force)`));
  await prepareTemplate(await urlOf(name));
  return name;
}

/** Everything that each test database has. No connection may stay open: PostgreSQL would refuse to clone. */
async function prepareTemplate(url: string): Promise<void> {
  await migrate(url);
  await withClient(url, installTestClock);
}

async function withClient(url: string, work: (client: Client) => Promise<void>): Promise<void> {
  const client = new Client({ connectionString: url });
  await client.connect();
  try {
    await work(client);
  } finally {
    await client.end();
  }
}
