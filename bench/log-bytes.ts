import { createHash } from 'node:crypto';

/** A piece as steps write it. */
const WRITE_BYTES = 64 * 1024;
const LINES = 12_000;

let pattern: Buffer | undefined;

/** What a build prints: lines such as those of a compiler, the same for every run, in pieces of 64 KiB. */
export function* logBytes(total: number): Generator<Buffer> {
  pattern ??= makePattern();
  const place = (written: number): number => written % (pattern!.byteLength - WRITE_BYTES);
  for (let written = 0; written < total;) {
    const size = Math.min(WRITE_BYTES, total - written);
    yield pattern.subarray(place(written), place(written) + size);
    written += size;
  }
}

/** SHA-256 of so many bytes of it, in hex. */
export function logSumOf(total: number): string {
  const hash = createHash('sha256');
  for (const bytes of logBytes(total)) hash.update(bytes);
  return hash.digest('hex');
}

/** A multiplicative generator: compressible as logs are, and no two lines alike. */
function makePattern(): Buffer {
  let state = 1;
  const next = (): number => (state = (state * 48_271) % 2_147_483_647);
  const line = (): string =>
    `[${next() % 86_400}] compiled module ${next().toString(36)} of package lib-${next() % 500} in ${next() % 900} ms\n`;
  return Buffer.from(Array.from({ length: LINES }, line).join(''));
}
