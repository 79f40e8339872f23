import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { fileURLToPath } from 'node:url';

const run = promisify(execFile);
const BENCH = fileURLToPath(new URL('../../bench/main.js', import.meta.url));

/** Paths of a JSON document's leaves, with their values. */
function leaves(value: unknown, path = ''): [string, unknown][] {
  if (typeof value !== 'object' || value === null) return [[path, value]];
  return Object.entries(value).flatMap(([key, inner]) => leaves(inner, path === '' ? key : `${path}.${key}`));
}

describe('the bench', () => {
  let dir: string;

  beforeEach(async () => {
    dir = await mkdtemp(join(tmpdir(), 'slipway-bench-test-'));
  });

  afterEach(async () => {
    await rm(dir, { recursive: true, force: true });
  });

  it('measures everything that it promises', async () => {
    const file = join(dir, 'numbers.json');
    const { stdout } = await run(process.execPath, [BENCH, '--smoke', '--json', file]);
    assert.match(stdout, /enqueued → package opened +p50 [\d.]+ ms, p99 [\d.]+ ms/);
    assert.match(stdout, /lives at full speed +\d+\/s/);
    const numbers: unknown = JSON.parse(await readFile(file, 'utf8'));
    const spreads = ['floors.commit', 'floors.echo', 'wholeWay', 'latency.toPackage', 'latency.toAccepted'];
    const expected = [
      ...spreads.flatMap((spread) => [`${spread}.p50`, `${spread}.p99`]),
      'floors.commitsPerSecond',
      'floors.groupedRowsPerSecond',
      'floors.echoesPerSecond',
      'throughput.livesPerSecond',
      'throughput.cpuUs.server',
      'throughput.cpuUs.agents',
      'throughput.commitsPerLife',
      'throughput.walBytesPerLife',
      'logs.copyMibPerSecond',
      'logs.mibPerSecond',
      'logs.archiveMibPerSecond',
      'logs.memoryMib.server',
      'logs.memoryMib.agents',
    ];
    const positive = leaves(numbers).filter(([, value]) => typeof value === 'number' && value > 0);
    const names = new Set(positive.map(([name]) => name));
    assert.deepEqual(
      expected.filter((name) => !names.has(name)),
      [],
    );
  });

  it('refuses options that it does not know', async () => {
    await assert.rejects(run(process.execPath, [BENCH, '--agent', '3']), /Unknown option '--agent'/);
    await assert.rejects(run(process.execPath, [BENCH, '--agents', 'many']), /--agents.*many.*whole number/);
  });
});
