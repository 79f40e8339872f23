import { constants } from 'node:os';
import type { CompiledStep } from '../../pipeline/index.js';
import type { StepOutcome } from './step-outcome.js';

/** A machine that could not run a step gets this long to recover, twice as long each time. */
const PAUSE = { baseMs: 1_000, maxMs: 15_000 };

/** Whether a step is run again, and what is said of it. */
export type RetryVerdict =
  { readonly again: false } | { readonly again: true; readonly pauseMs: number; readonly notice: string };

/**
 * Decides after the `run`th run of a step, counted from 1. A failure is tried again when the step's retry names its
 * exit code, or none at all; a run that could not begin only when it names those. A build that is over retries nothing.
 */
export function judgeRetry({ retry }: CompiledStep, run: number, outcome: StepOutcome): RetryVerdict {
  if (retry === undefined || run > retry.max) return { again: false };
  const reason = reasonToRetry(retry, outcome);
  if (reason === null) return { again: false };
  const pauseMs = outcome.kind === 'NOT_STARTED' ? Math.min(PAUSE.maxMs, PAUSE.baseMs * 2 ** (run - 1)) : 0;
  return { again: true, pauseMs, notice: `[slipway: run ${run + 1} of ${retry.max + 1} after ${reason}]` };
}

function reasonToRetry(
  { infrastructure, exitCodes }: NonNullable<CompiledStep['retry']>,
  outcome: StepOutcome,
): string | null {
  const isWanted = (code: number): boolean => exitCodes?.includes(code) ?? true;
  switch (outcome.kind) {
    case 'EXITED':
      return outcome.code !== 0 && isWanted(outcome.code) ? `exit code ${outcome.code}` : null;
    case 'SIGNALED': {
      const code = shellCodeOf(outcome.signal);
      return isWanted(code) ? `${outcome.signal} (exit code ${code})` : null;
    }
    case 'TIMED_OUT':
      return exitCodes === undefined ? 'its time-out' : null;
    case 'NOT_STARTED':
      return infrastructure ? `it could not be started: ${outcome.error}` : null;
    case 'HALTED':
    case 'STOPPED':
    case 'REFUSED':
      return null;
  }
}

/** As every shell says it of its children. */
function shellCodeOf(signal: NodeJS.Signals): number {
  return 128 + constants.signals[signal];
}
