import { DomainError, ErrorCode, ValidationError } from '../base/errors.js';
import type { AnnouncementOutcome } from '../artifacts/index.js';
import { storeFailure } from '../database/failures.js';
import type { AcceptAnswer, ItemAnswer } from '../protocol/messages.js';
import type { ReportVerdict } from './reporter.js';
import type { Verdict } from './settlement.js';

export const NOT_AN_ID = 'buildId: expected a UUID';

/** An answer to one item of a list operation. */
export function answer(
  buildId: string,
  outcome: ItemAnswer['outcome'],
  message: string | null = null,
): ItemAnswer {
  return { buildId, outcome, status: null, message };
}

/** The same, to an accept. */
export function acceptAnswer(
  buildId: string,
  outcome: ItemAnswer['outcome'],
  message: string | null = null,
): AcceptAnswer {
  return { ...answer(buildId, outcome, message), hardDeadlineMs: null };
}

/** The answer to a report. */
export function reported(buildId: string, verdict: ReportVerdict): ItemAnswer {
  if (verdict.kind === 'TAKEN') return answer(buildId, 'OK');
  return { ...answer(buildId, 'STALE_BUILD'), status: verdict.status };
}

/** The answer to an announcement of files. */
export function announced(buildId: string, outcome: AnnouncementOutcome): ItemAnswer {
  switch (outcome.kind) {
    case 'ANNOUNCED':
      return answer(buildId, 'OK');
    case 'REFUSED':
      return answer(buildId, 'INVALID', outcome.reason);
    case 'STALE':
      return answer(buildId, 'STALE_BUILD');
  }
}

/** The answer to what ends a build. */
export function settled(buildId: string, verdict: Verdict): ItemAnswer {
  if (verdict.kind === 'STALE') return { ...answer(buildId, 'STALE_BUILD'), status: verdict.status };
  const status = verdict.kind === 'SETTLE' ? verdict.settlement.buildStatus : verdict.status;
  return { ...answer(buildId, 'OK'), status };
}

/** What cannot be stored fails its own item; any other failure is the whole call's. */
export function invalid(buildId: string, error: unknown): ItemAnswer {
  if (error instanceof ValidationError) return answer(buildId, 'INVALID', error.message);
  if (storeFailure(error) === 'BAD_ROW') return answer(buildId, 'INVALID', 'the item cannot be stored');
  throw error;
}

/** What every operation on a closed session is answered. */
export function superseded(): DomainError {
  return new DomainError(
    ErrorCode.SESSION_SUPERSEDED,
    'this session is closed: connect again and send the operation once more',
  );
}
