import { MAX_BREAK_BYTES, SUSPICIOUS_BYTES } from '../../../../src/agent/masking/mask-stream.js';

/** What masking comes to, said as plainly as possible: by looking for every pattern at every place of a whole text. */
export function maskAtOnce(patterns: readonly Buffer[], text: Buffer): Buffer {
  const isMasked = new Array<boolean>(text.length).fill(false);
  for (const part of partsOf(text)) {
    const releases = releasesOf(patterns, text, part);
    for (const pattern of patterns) cover(pattern, { text, part, releases, isMasked });
  }
  const out: number[] = [];
  text.forEach((byte, offset) => {
    if (!isMasked[offset]) out.push(byte);
    else if (!isMasked[offset - 1]) out.push(0x2a, 0x2a, 0x2a);
  });
  return Buffer.from(out);
}

/** Offsets of the bytes that are no line breaks, apart where too many breaks stand side by side. */
function partsOf(text: Buffer): number[][] {
  const parts: number[][] = [[]];
  let breaks = 0;
  text.forEach((byte, offset) => {
    breaks = isBreak(byte) ? breaks + 1 : 0;
    if (breaks === MAX_BREAK_BYTES + 1) parts.push([]);
    if (!isBreak(byte)) parts.at(-1)!.push(offset);
  });
  return parts;
}

/** Offsets of the line breaks at which everything before them is given out. */
function releasesOf(patterns: readonly Buffer[], text: Buffer, part: readonly number[]): number[] {
  const releases: number[] = [];
  for (let at = part[0] ?? 0; at < (part.at(-1) ?? 0); at += 1) {
    if (!isBreak(text[at]!)) continue;
    const before = Buffer.from(part.filter((offset) => offset < at).map((offset) => text[offset]!));
    const isSuspicious = patterns.some((pattern) => beginningAtEnd(pattern, before) >= SUSPICIOUS_BYTES);
    if (!isSuspicious) releases.push(at);
  }
  return releases;
}

/** Length of the longest end of a text that a pattern begins with. */
function beginningAtEnd(pattern: Buffer, text: Buffer): number {
  for (let length = Math.min(pattern.length, text.length); length > 0; length -= 1)
    if (pattern.subarray(0, length).equals(text.subarray(-length))) return length;
  return 0;
}

interface Search {
  readonly text: Buffer;
  readonly part: readonly number[];
  readonly releases: readonly number[];
  readonly isMasked: boolean[];
}

function cover(pattern: Buffer, { text, part, releases, isMasked }: Search): void {
  for (let at = 0; at + pattern.length <= part.length; at += 1) {
    if (!pattern.every((byte, index) => text[part[at + index]!] === byte)) continue;
    const [start, end] = [part[at]!, part[at + pattern.length - 1]!];
    const released = Math.max(-1, ...releases.filter((release) => release < end));
    isMasked.fill(true, Math.max(start, released + 1), end + 1);
  }
}

function isBreak(byte: number): boolean {
  return byte === 0x0a || byte === 0x0d;
}
