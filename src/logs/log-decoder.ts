import type { LogChunkRow, LogOutline } from './logs.queries.js';

/**
 * The text of a chunk. A character that the chunk only begins is left to the next one, unless no other comes; what its
 * predecessors left is taken from their last bytes, so that each chunk can be read for itself.
 */
export function decodeChunk(chunk: LogChunkRow, outline: LogOutline): string {
  const decoder = new TextDecoder('utf-8', { ignoreBOM: true });
  decoder.decode(chunk.before, { stream: true });
  return decoder.decode(chunk.data, { stream: !isLast(chunk, outline) });
}

function isLast(chunk: LogChunkRow, outline: LogOutline): boolean {
  return outline.lastSeqs?.get(chunk.step) === chunk.seq;
}
