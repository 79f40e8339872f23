import { assertNever } from '../../base/assert-never.js';
import { cut } from '../../base/text.js';
import { type BuildResult, ResultStatus } from '../../protocol/messages.js';
import type { Mask } from '../masking/mask.js';
import { type BuildStop, StopCause } from './build-control.js';

/** UTF-16 units of an error that a server is sure to take. */
const MAX_ERROR = 2_000;

/** The part of a result that its steps decide. */
type OwnResult = Omit<BuildResult, 'outputs' | 'logs'>;

/** What a build's own steps came to. */
export type BuildVerdict =
  | { readonly kind: 'SUCCEEDED' }
  | {
      readonly kind: 'STEP_FAILED' | 'STEP_TIMEOUT';
      readonly exitCode: number | null;
      readonly error: string;
    }
  | { readonly kind: 'CLONE_FAILED'; readonly error: string }
  | { readonly kind: 'EXECUTOR_ERROR'; readonly error: string };

/** Why a build was ended from outside, in the words of its result. */
type ReportedStop = BuildStop & { readonly cause: Exclude<StopCause, 'ABANDONED'> };

/**
 * The result to report. An order to end the build says more than what its steps made of it: a canceled build is
 * canceled, also when its last step took no notice. Its error is masked before it is cut: half a secret is none.
 */
export function resultOf(verdict: BuildVerdict, order: BuildStop | null, mask: Mask): OwnResult {
  const result = ownResult(verdict, order);
  return { ...result, error: result.error === null ? null : cut(mask.text(result.error), MAX_ERROR) };
}

function ownResult(verdict: BuildVerdict, order: BuildStop | null): OwnResult {
  if (order && isReported(order)) return stoppedResult(order);
  switch (verdict.kind) {
    case 'SUCCEEDED':
      return { status: ResultStatus.SUCCESS, exitCode: 0, failureKind: null, error: null };
    case 'STEP_FAILED':
    case 'STEP_TIMEOUT':
      return failed(ResultStatus.FAILURE, verdict);
    case 'CLONE_FAILED':
    case 'EXECUTOR_ERROR':
      return failed(ResultStatus.ERROR, verdict);
    default:
      return assertNever(verdict, 'verdict of a build');
  }
}

function stoppedResult({ cause, reason }: ReportedStop): OwnResult {
  switch (cause) {
    case StopCause.CANCELED:
      return failed(ResultStatus.CANCELED, { kind: 'CANCELED', error: reason });
    case StopCause.TIMEOUT:
      return failed(ResultStatus.KILLED, { kind: 'TIMEOUT', error: reason });
    case StopCause.AGENT_STOPPED:
    case StopCause.LEASE_ENDING:
      return failed(ResultStatus.KILLED, { kind: 'AGENT_STOPPED', error: reason });
    default:
      return assertNever(cause, 'cause of a stop');
  }
}

function failed(
  status: ResultStatus,
  {
    kind,
    error,
    exitCode,
  }: { readonly kind: string; readonly error: string; readonly exitCode?: number | null },
): OwnResult {
  return { status, exitCode: exitCode ?? null, failureKind: kind, error };
}

function isReported(order: BuildStop): order is ReportedStop {
  return order.cause !== StopCause.ABANDONED;
}
