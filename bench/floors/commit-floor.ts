import { Client } from 'pg';
import { machineMs } from '../machine-clock.js';
import type { Floors } from '../numbers.js';
import { spreadOf } from '../spread.js';

const GROUP = 100;

/** Commits of one narrow row on one connection, alone and a hundred rows at a time. */
export async function measureCommits(
  databaseUrl: string,
  seconds: number,
): Promise<Pick<Floors, 'commit' | 'commitsPerSecond' | 'groupedRowsPerSecond'>> {
  const client = new Client({ connectionString: databaseUrl });
  await client.connect();
  try {
    await client.query(
      'create table floor (id bigint generated always as identity primary key, at timestamptz)',
    );
    const single = await repeat(seconds, () => insert(client, 1));
    const grouped = await repeat(seconds, () => insert(client, GROUP));
    await client.query('drop table floor');
    return {
      commit: spreadOf(single.spans),
      commitsPerSecond: single.perSecond,
      groupedRowsPerSecond: grouped.perSecond * GROUP,
    };
  } finally {
    await client.end();
  }
}

async function insert(client: Client, rows: number): Promise<void> {
  const text = 'insert into floor (at) select now() from generate_series(1, $1)';
  await client.query({ name: 'floor', text, values: [rows] });
}

/** Runs `work` again and again, one at a time; the span of each in milliseconds. */
export async function repeat(
  seconds: number,
  work: () => Promise<unknown>,
): Promise<{ readonly spans: number[]; readonly perSecond: number }> {
  const spans: number[] = [];
  const start = machineMs();
  let now = start;
  while (now - start < seconds * 1_000) {
    await work();
    const end = machineMs();
    spans.push(end - now);
    now = end;
  }
  return { spans, perSecond: (spans.length * 1_000) / (now - start) };
}
