import type { LogPiece } from './log-piece.js';

/** Where a notice stands: behind `before` (nothing of it counts but its last byte), at a time. */
export interface NoticePlace {
  readonly before: Uint8Array;
  readonly at: Date;
}

/** Says that the chunks from `first` to `last` never came. */
export function missingNotice(first: number, last: number, place: NoticePlace): LogPiece {
  const missing = last - first + 1;
  const text = missing === 1 ? '1 piece of this log is missing' : `${missing} pieces of this log are missing`;
  return { ...notice(text, place), seq: last, kind: 'MISSING', missing };
}

/** Says that the server has stored nothing from chunk `seq` on. */
export function cappedNotice(seq: number, place: NoticePlace): LogPiece {
  const text = 'the log reached the limit of the server; the rest is left out';
  return { ...notice(text, place), seq, kind: 'CAPPED', missing: 0 };
}

/** Stands for a whole log that was removed. */
export function removedNotice(lastSeq: number, at: Date): LogPiece {
  const text = 'this log was removed, since its time of retention is over';
  return {
    ...notice(text, { before: new Uint8Array(), at }),
    seq: lastSeq,
    kind: 'REMOVED',
    missing: 0,
  };
}

/** A line of its own, whatever was written before it. */
function notice(text: string, { before, at }: NoticePlace): Pick<LogPiece, 'data' | 'at'> {
  const isLineOpen = before.byteLength > 0 && before.at(-1) !== 0x0a;
  return { data: Buffer.from(`${isLineOpen ? '\n' : ''}[slipway: ${text}]\n`), at };
}
