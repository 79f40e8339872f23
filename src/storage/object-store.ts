import type { Readable } from 'node:stream';

/** What a store says of an object that it has taken. */
export interface StoredObject {
  readonly bytes: number;
  /** Hex digits, over the bytes as stored. */
  readonly sha256: string;
}

/** Which bytes of an object are wanted; `end` is not among them any more. */
export interface ByteRange {
  readonly start: number;
  readonly end?: number;
}

/**
 * Where large things go that nobody queries: archived logs, artifacts. Keys are paths of plain names
 * (`logs/<build>/3.gz`). An object is there whole or not at all, and never changes once it is there.
 */
export interface ObjectStore {
  /** Takes an object, durably; an object of the same key is replaced. Throws TOO_LARGE beyond `maxBytes`. */
  put(key: string, content: AsyncIterable<Uint8Array>, limit?: { maxBytes: number }): Promise<StoredObject>;
  /** The bytes of an object, read as they are consumed. Throws NOT_FOUND. */
  open(key: string, range?: ByteRange): Promise<Readable>;
  /** Takes an object away; one that is not there is as good as taken away. */
  remove(key: string): Promise<void>;
}
