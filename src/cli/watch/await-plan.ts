import { systemClock } from '../../base/clock.js';
import { CliError } from '../cli-error.js';
import { type Change, viewChange } from '../operations.js';
import { Spinner } from '../spinner.js';
import type { WatchOptions } from './watch-job.js';

/** The planning deadline of the server ends every change; this is only for a server that is not there any more. */
const GUARD_MS = 15 * 60_000;
const FIRST_LOOK_MS = 50;
const LONGEST_PAUSE_MS = 1000;

/**
 * Waits until a change is planned. Throws a CliError FAILED with the reason when it is skipped, or with every problem
 * when it cannot be planned, and TIMED_OUT when it takes longer than allowed. There is no subscription for changes,
 * and planning takes moments: so it looks, at growing intervals.
 */
export async function awaitPlan(created: Change, options: WatchOptions): Promise<Change> {
  const deadlineMs = systemClock.monotonic() + (options.timeoutMs ?? GUARD_MS);
  const spinner = new Spinner(options.terminal);
  let change = created;
  try {
    for (
      let pauseMs = FIRST_LOOK_MS;
      isUndecided(change);
      pauseMs = Math.min(pauseMs * 1.5, LONGEST_PAUSE_MS)
    ) {
      if (systemClock.monotonic() > deadlineMs) throw timedOut(change);
      spinner.show('planning');
      await systemClock.sleep(pauseMs);
      change = (await options.client.requestPatiently(viewChange, { id: change.id })).change;
    }
  } finally {
    spinner.stop();
  }
  if (change.state === 'FAILED' || change.state === 'SKIPPED') throw notPlanned(change);
  return change;
}

function isUndecided({ state }: Change): boolean {
  return state === 'RECEIVED' || state === 'RESOLVING';
}

/** The error of a broken pipeline file has a line for each problem, with file, line and column. */
function notPlanned({ state, reason, error }: Change): CliError {
  const why = error ?? reason ?? 'the server gave no reason';
  return new CliError(
    'FAILED',
    state === 'SKIPPED' ? `nothing to build: ${why}` : `the change cannot be built:\n${why}`,
  );
}

function timedOut({ id, state }: Change): CliError {
  return new CliError('TIMED_OUT', `the change ${id} is still ${state}; it goes on`, {
    next: 'slipway build list',
  });
}
