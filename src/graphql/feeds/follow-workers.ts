import { abortableIterator } from '../../base/abortable-iterator.js';
import { HintInbox } from '../../database/hint-inbox.js';
import type { Worker } from '../../workers/index.js';
import { authorize } from '../authorize.js';
import type { GraphqlContext } from '../context.js';

/** How long one wait lasts; nothing happens at its end. */
const WAIT_MS = 60_000;

/** Workers as they change, read from their rows. */
export function followWorkers(context: GraphqlContext): AsyncGenerator<Worker, void, undefined> {
  authorize(context, 'worker.read');
  return abortableIterator(async function* (signal) {
    const inbox = new HintInbox(context.hints, 'worker.updated', ({ worker }) => worker);
    try {
      for (;;) {
        const ids = await inbox.take(context.clock, { waitMs: WAIT_MS, signal });
        await context.recheck();
        for (const worker of await context.loaders.worker.loadMany(ids)) {
          if (worker !== null && !(worker instanceof Error)) yield worker;
        }
      }
    } finally {
      inbox.close();
    }
  });
}
