/** How fast logs are masked: `node dist/bench/masking.js`. Beside it what copying the same bytes costs. */
import { randomBytes } from 'node:crypto';
import { Mask } from '../src/agent/masking/mask.js';

const CHUNK_BYTES = 64 * 1024;
const ROUNDS = 400;

const LOG = Buffer.from(
  Array.from(
    { length: 1500 },
    (_, n) => `[${n}] src/agent/builds/step-log.ts:${n}: compiled in ${n * 7} ms\n`,
  ).join(''),
).subarray(0, CHUNK_BYTES);

function megabytesPerSecond(work: () => unknown): number {
  work();
  const start = performance.now();
  for (let round = 0; round < ROUNDS; round += 1) work();
  return (ROUNDS * CHUNK_BYTES) / 1000 / (performance.now() - start);
}

function secrets(count: number, bytes: number): string[] {
  return Array.from({ length: count }, () => randomBytes(bytes).toString('base64'));
}

const binary = randomBytes(CHUNK_BYTES);
console.log(`copy alone: ${megabytesPerSecond(() => Buffer.from(LOG)).toFixed(0)} MB/s`);
for (const [count, bytes] of [
  [1, 24],
  [10, 24],
  [100, 24],
  [10, 3_000],
] as const) {
  const values = secrets(count, bytes);
  const before = process.memoryUsage().arrayBuffers;
  const start = performance.now();
  const mask = new Mask(values);
  const builtMs = performance.now() - start;
  const megabytes = (process.memoryUsage().arrayBuffers - before) / 1e6;
  const [lines, bytesOfAll] = [mask.stream(), mask.stream()];
  const rates = [
    megabytesPerSecond(() => lines.push(LOG)),
    megabytesPerSecond(() => bytesOfAll.push(binary)),
  ].map((rate) => rate.toFixed(0));
  console.log(
    `${count} secrets of ${bytes} bytes: lines ${rates[0]} MB/s, binary ${rates[1]} MB/s; ` +
      `built in ${builtMs.toFixed(0)} ms, ${megabytes.toFixed(1)} MB`,
  );
}
