import { setTimeout as sleep } from 'node:timers/promises';

/** How often a condition is looked at when nothing wakes the check up earlier. */
const INTERVAL_MS = 10;

/**
 * Resolves with the first value of `check` that is neither false nor undefined; rejects with its last error, or with
 * `what`, when there is none within `guardMs` (default 10 s).
 *
 * Only for what another process does and nothing here can be told of: the death of a process, a row that a server
 * process writes. Within one process wait for the event itself (a promise, a deferred, `once`): a test that polls or
 * sleeps to be in step is either slow or wrong on a loaded machine.
 * @example
 * await eventually(() => !isRunning(pid), { what: 'the agent ends' });
 */
export async function eventually<T>(
  check: () => T | Promise<T>,
  options: { guardMs?: number; what?: string } = {},
): Promise<Exclude<T, false | undefined>> {
  const guardMs = options.guardMs ?? 10_000;
  const deadlineMs = performance.now() + guardMs;
  for (;;) {
    const outcome = await attempt(check);
    if ('value' in outcome && outcome.value !== false && outcome.value !== undefined) {
      return outcome.value as Exclude<T, false | undefined>;
    }
    if (performance.now() >= deadlineMs) {
      const cause = 'error' in outcome ? outcome.error : `the check gave ${String(outcome.value)}`;
      const last = cause instanceof Error ? cause.message : cause;
      throw new Error(`not within ${guardMs} ms: ${options.what ?? 'the condition'} (${String(last)})`, {
        cause,
      });
    }
    await sleep(INTERVAL_MS);
  }
}

/** A check may assert: its failure then means "not yet". */
async function attempt<T>(check: () => T | Promise<T>): Promise<{ value: T } | { error: unknown }> {
  try {
    return { value: await check() };
  } catch (error) {
    return { error };
  }
}
