import { abortableIterator } from '../base/abortable-iterator.js';
import type { Clock } from '../base/clock.js';
import { HintInbox } from '../database/hint-inbox.js';
import type { Hints } from '../database/hints.js';
import type { LogPosition } from './log-position.js';
import type { LogReader } from './log-reader.js';
import type { LogSlice } from './log-slice.js';

/** A hint may be lost: the rows are looked at this often without one. */
const POLL_MS = 1000;
const PIECES_PER_READ = 100;

/** What following a log needs. */
export interface LogTailContext {
  readonly logs: LogReader;
  readonly hints: Hints;
  readonly clock: Clock;
  /** Called before each read; throws when the reader may not go on. */
  readonly recheck: () => Promise<void>;
}

/** Which log to follow, and from where. */
export interface LogTailStart {
  readonly buildId: string;
  readonly step: number | undefined;
  readonly after: LogPosition;
}

/**
 * What a log has after a position and whatever is added, each piece once and in order within its step; ends with the
 * log. Throws NOT_FOUND for an unknown build.
 */
export function tailLog(
  context: LogTailContext,
  start: LogTailStart,
): AsyncGenerator<LogSlice, void, undefined> {
  return abortableIterator(async function* (signal) {
    // Subscribed before the first read, so that nothing falls between the two.
    const inbox = new HintInbox(context.hints, 'log.appended', ({ build }) =>
      build === start.buildId ? build : undefined,
    );
    try {
      yield* followRows(context, start, () => inbox.take(context.clock, { waitMs: POLL_MS, signal }));
    } finally {
      inbox.close();
    }
  });
}

async function* followRows(
  context: LogTailContext,
  start: LogTailStart,
  untilMore: () => Promise<unknown>,
): AsyncGenerator<LogSlice, void, undefined> {
  let { after } = start;
  for (;;) {
    await context.recheck();
    const part = await context.logs.read({ ...start, after, limit: PIECES_PER_READ });
    yield* part.slices;
    after = part.end;
    if (part.isFinal) return;
    if (part.slices.length === 0) await untilMore();
  }
}
