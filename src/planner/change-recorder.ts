import { type BackoffPolicy, nextIntervalS } from '../base/backoff.js';
import type { Logger } from '../base/logger.js';
import {
  type ChangeClaim,
  type ChangeFailure,
  failChange,
  giveBackChange,
  retryChange,
  skipChange,
} from '../changes/index.js';
import type { Queryable } from '../database/queryable.js';
import type { AdmitOutcome } from '../dispatch/index.js';
import type { PlannedGroup } from '../groups/group-plan.js';
import type { AttemptEnd } from './attempt.js';
import type { Resolution } from './resolution.js';

/** Writes groups and marks their change PLANNED, in one transaction, if it is still RESOLVING. */
export type AdmitGroups = (groups: readonly PlannedGroup[]) => Promise<readonly AdmitOutcome[]>;

/** What a {@link ChangeRecorder} writes with. */
export interface RecorderOptions {
  readonly db: Queryable;
  readonly admitGroups: AdmitGroups;
  readonly logger: Logger;
  readonly planningMs: number;
  readonly backoff: BackoffPolicy;
}

/** For what is not the change's fault; the details are for the log alone. */
export function internalFailure(): ChangeFailure {
  const message = 'an internal error, which the log of the server describes';
  return { code: 'PLAN_FAILED', message, problems: [] };
}

/** Writes what became of a change, if the change is still this claim's. */
export class ChangeRecorder {
  constructor(private readonly options: RecorderOptions) {}

  /** True when the change was written, which others may want to know. An attempt that was ended counts as that. */
  async record(
    attempt: { readonly claim: ChangeClaim; readonly ended: AttemptEnd | undefined },
    resolution: Resolution,
  ): Promise<boolean> {
    const { db } = this.options;
    const { claim, ended } = attempt;
    switch (ended) {
      case undefined:
        return this.#recordResolution(claim, resolution);
      case 'STOPPING':
        return (await giveBackChange(db, claim)) === 'WRITTEN';
      case 'TIMEOUT':
        return (await failChange(db, claim, this.#timeout())) === 'WRITTEN';
      case 'LOST':
        return false;
    }
  }

  async #recordResolution(claim: ChangeClaim, resolution: Resolution): Promise<boolean> {
    const { db } = this.options;
    switch (resolution.kind) {
      case 'PLANNED':
        return this.#admit(claim, resolution.groups);
      case 'SKIPPED':
        return (await skipChange(db, claim, resolution.reason)) === 'WRITTEN';
      case 'FAILED':
        return (await failChange(db, claim, resolution.failure)) === 'WRITTEN';
      case 'RETRY':
        return this.#retry(claim, resolution.failure);
      case 'STALE':
        return false;
    }
  }

  async #admit(claim: ChangeClaim, groups: readonly PlannedGroup[]): Promise<boolean> {
    try {
      const outcomes = await this.options.admitGroups(groups);
      return outcomes.some(({ kind }) => kind === 'ADMITTED');
    } catch (error) {
      this.options.logger.error({ err: error, change: claim.id }, 'groups could not be admitted');
      return this.#retry(claim, internalFailure());
    }
  }

  async #retry(claim: ChangeClaim, failure: ChangeFailure): Promise<boolean> {
    const delayMs = delayS(this.options.backoff, claim.attempt) * 1000;
    return (await retryChange(this.options.db, claim, { delayMs, failure })) !== 'STALE';
  }

  #timeout(): ChangeFailure {
    const message = `planning did not end within ${this.options.planningMs / 1000} s`;
    return { code: 'PLAN_TIMEOUT', message, problems: [] };
  }
}

/** Grows with the tries of the change. */
function delayS(policy: BackoffPolicy, attempt: number): number {
  let seconds = nextIntervalS(policy);
  for (let tried = 1; tried < attempt && seconds < policy.maxS; tried++)
    seconds = nextIntervalS(policy, seconds);
  return seconds;
}
