import { StepStatus } from '../../protocol/messages.js';
import type { StepExit } from '../executor/executor.js';
import { type BuildStop, StopCause } from './build-control.js';
import type { BuildVerdict } from './build-result.js';
import type { StepEnd } from './step-board.js';
import type { StepStop } from './step-control.js';

/** How one run of a step went. */
export type StepOutcome =
  | StepExit
  /** It was ended by an order of its own: its time-out, or a machine that can run no more steps. */
  | { readonly kind: StepStop['kind']; readonly reason: string }
  /** Its build was ended. */
  | { readonly kind: 'STOPPED'; readonly order: BuildStop; readonly exitCode: number | null }
  /** It asks for what the checkout does not have. */
  | { readonly kind: 'REFUSED'; readonly reason: string };

/** What is reported of a step whose last run went so. */
export function endOf(outcome: StepOutcome): StepEnd {
  switch (outcome.kind) {
    case 'EXITED': {
      // A step may succeed although one of its processes was killed: that is said, too.
      const status = outcome.code === 0 ? StepStatus.SUCCESS : StepStatus.FAILURE;
      return { status, exitCode: outcome.code, error: outcome.outOfMemory ?? null };
    }
    case 'SIGNALED':
      return { status: StepStatus.FAILURE, error: outcome.outOfMemory ?? describe(outcome) };
    case 'TIMED_OUT':
    case 'HALTED':
      return { status: StepStatus.KILLED, error: outcome.reason };
    case 'STOPPED': {
      const { order, exitCode } = outcome;
      const isCanceled = order.cause === StopCause.CANCELED;
      return { status: isCanceled ? StepStatus.CANCELED : StepStatus.KILLED, exitCode, error: order.reason };
    }
    case 'REFUSED':
      return { status: StepStatus.FAILURE, error: outcome.reason };
    case 'NOT_STARTED':
      return { status: StepStatus.ERROR, error: outcome.error };
  }
}

/** What it means for the build that its step `name` went so. */
export function verdictOf(name: string, outcome: StepOutcome): BuildVerdict {
  switch (outcome.kind) {
    case 'EXITED':
      if (outcome.code === 0) return { kind: 'SUCCEEDED' };
      return failed(name, outcome, { kind: 'STEP_FAILED', exitCode: outcome.code });
    case 'SIGNALED':
    case 'REFUSED':
      return failed(name, outcome, { kind: 'STEP_FAILED', exitCode: null });
    case 'TIMED_OUT':
      return failed(name, outcome, { kind: 'STEP_TIMEOUT', exitCode: null });
    case 'NOT_STARTED':
      return { kind: 'EXECUTOR_ERROR', error: `step ${name} ${describe(outcome)}` };
    // Something else has decided on the build already.
    case 'HALTED':
    case 'STOPPED':
      return { kind: 'SUCCEEDED' };
  }
}

/** For people, after the name of the step. */
function describe(outcome: StepOutcome): string {
  switch (outcome.kind) {
    case 'EXITED':
      return `ended with exit code ${outcome.code}`;
    case 'SIGNALED':
      return `was ended by ${outcome.signal}`;
    case 'NOT_STARTED':
      return `could not be started: ${outcome.error}`;
    case 'STOPPED':
      return `was ended with its build: ${outcome.order.reason}`;
    case 'TIMED_OUT':
    case 'HALTED':
    case 'REFUSED':
      return `was ended: ${outcome.reason}`;
  }
}

function failed(
  name: string,
  outcome: StepOutcome,
  verdict: { readonly kind: 'STEP_FAILED' | 'STEP_TIMEOUT'; readonly exitCode: number | null },
): BuildVerdict {
  const outOfMemory = 'outOfMemory' in outcome ? ` (${outcome.outOfMemory})` : '';
  return { ...verdict, error: `step ${name} failed: it ${describe(outcome)}${outOfMemory}` };
}
