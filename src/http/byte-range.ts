import type { ByteRange } from '../storage/index.js';

const SINGLE = /^bytes=(\d{0,15})-(\d{0,15})$/;

/**
 * The one range that a `Range` header asks for. Null for all of it: without a header, and for what is no single range,
 * which a server may ignore.
 */
export function readRange(header: string | undefined, bytes: number): Required<ByteRange> | 'OUTSIDE' | null {
  const [, first, last] = SINGLE.exec(header ?? '') ?? [];
  if (first === undefined || last === undefined || (first === '' && last === '')) return null;
  const start = first === '' ? Math.max(0, bytes - Number(last)) : Number(first);
  const end = first === '' || last === '' ? bytes : Math.min(bytes, Number(last) + 1);
  if (first !== '' && last !== '' && Number(last) < start) return null;
  return start < end ? { start, end } : 'OUTSIDE';
}
