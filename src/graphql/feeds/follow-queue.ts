import { abortableIterator } from '../../base/abortable-iterator.js';
import { HintInbox } from '../../database/hint-inbox.js';
import { countQueue, type QueueDepth } from '../../jobs/index.js';
import { authorize } from '../authorize.js';
import type { GraphqlContext } from '../context.js';

/** A busy queue is counted no more often than this, and a quiet one at least every {@link POLL_MS}. */
const PAUSE_MS = 500;
const POLL_MS = 5000;

/** The depth of the queue, now and whenever it changes. */
export function followQueue(context: GraphqlContext): AsyncGenerator<QueueDepth, void, undefined> {
  authorize(context, 'job.read');
  return abortableIterator(async function* (signal) {
    const inbox = new HintInbox(context.hints, 'job.updated', () => 'queue');
    let told: QueueDepth | undefined;
    try {
      for (;;) {
        await context.recheck();
        const depth = await countQueue(context.db);
        if (depth.waiting !== told?.waiting || depth.active !== told.active) yield (told = depth);
        await context.clock.sleep(PAUSE_MS, signal);
        await inbox.take(context.clock, { waitMs: POLL_MS, signal });
      }
    } finally {
      inbox.close();
    }
  });
}
