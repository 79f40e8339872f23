import type { LogPiece } from './log-piece.js';

/**
 * Turns the pieces of one step into text. A character that a piece only begins is left to the next one, unless no other
 * comes or a notice does.
 */
export class PieceDecoder {
  readonly #decoder = new TextDecoder('utf-8', { ignoreBOM: true });
  readonly #lastSeq: number | null;

  /** `carry` are the bytes before the first piece; `lastSeq` is the end of the log, as far as it is known. */
  constructor({ carry, lastSeq }: { readonly carry: Uint8Array; readonly lastSeq: number | null }) {
    this.#decoder.decode(carry, { stream: true });
    this.#lastSeq = lastSeq;
  }

  textOf({ seq, data, kind }: LogPiece): string {
    return this.#decoder.decode(data, { stream: kind === 'TEXT' && seq !== this.#lastSeq });
  }
}
