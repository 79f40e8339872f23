import type { BuildStatus } from '../builds/builds.state.js';
import { buildStates } from '../builds/builds.state.js';
import type { GroupProjectState } from '../groups/group-projects.state.js';
import { stateAfter, type BuildEnding, type JobState } from '../jobs/jobs.state.js';
import type { BuildOutput } from '../protocol/messages.js';
import { type ClaimedIdent, claimedIdent } from './built-ident.js';
import type { BuildFacts } from './facts.queries.js';

/** A build that is to end, and why: by its agent's word or by a decision of the server. */
export interface Ending {
  readonly buildId: string;
  readonly ending: BuildEnding;
  /** Final status of the build, when it was RUNNING; an offer that was never accepted gets the one of its ending. */
  readonly status: BuildStatus;
  readonly exitCode?: number | null;
  readonly failureKind?: string | null;
  readonly error?: string | null;
  /** Whatever the ending, the worker is not to blame for it. */
  readonly uncharged?: boolean;
  /** Hash of the agent's result: the same result again gets the same answer. */
  readonly resultSha256?: Buffer;
  /** What its steps wrote to their output files; each name once. */
  readonly outputs?: readonly BuildOutput[];
  /** What the agent announced of its logs, as JSON. */
  readonly logLengths?: unknown;
  /** Only while this holds of the lease; what the caller saw may be out of date. */
  readonly onlyIf?: (facts: BuildFacts) => boolean;
}

/** What an ending does, decided on the locked job. */
export interface Settlement {
  readonly facts: BuildFacts;
  readonly ending: Ending;
  readonly buildStatus: BuildStatus;
  /** What the build says that it made, and what counts as made: only of a job that is COMPLETE. */
  readonly attemptedIdent: string | null;
  readonly builtIdent: string | null;
  readonly jobState: JobState;
  /** The ending as it counts for the job: a worker without space is no failing of the job's. */
  readonly jobEnding: BuildEnding;
  /** An agent that drains and stops a build takes no attempt from the job. */
  readonly refundsAttempt: boolean;
  /** Set when the job is over, and with it the node. */
  readonly nodeState: GroupProjectState | null;
  readonly history: {
    readonly process: 'DISPATCH' | 'BUILD';
    readonly event: 'Finished' | 'Failed' | 'Canceled' | 'Expired';
  };
  /** How long the job waits before it is offered again, if it is. */
  readonly requeueAfterMs: number;
  /** What is charged to the worker (and, for infrastructure, to the job); null for nobody. */
  readonly charge: 'DISPATCH' | 'BUILD' | null;
}

export type Verdict =
  | { readonly kind: 'SETTLE'; readonly settlement: Settlement }
  /** The same result was recorded before. */
  | { readonly kind: 'REPEATED'; readonly status: BuildStatus }
  /** The build is over, or not what the caller thought: nothing is written. */
  | { readonly kind: 'STALE'; readonly status: BuildStatus | null };

/** Decides what an ending means. Pure: everything that counts was read under the job's lock. */
export function judgeEnding(facts: BuildFacts | undefined, given: Ending): Verdict {
  if (facts === undefined) return { kind: 'STALE', status: null };
  const ident = claimedIdent(facts.project, given.outputs ?? []);
  const ending = judgeIdent(given, ident);
  if (buildStates.isFinal(facts.status)) return judgeRepetition(facts, ending);
  const buildStatus = finalStatus(facts, ending);
  const wanted = facts.lease_session_id !== null && (ending.onlyIf?.(facts) ?? true);
  if (!wanted || !buildStates.allows(facts.status, buildStatus))
    return { kind: 'STALE', status: facts.status };
  const jobEnding = endingForJob(ending);
  const refundsAttempt = jobEnding === 'AGENT_STOPPED' && facts.draining;
  const jobState = stateAfter(facts.job_state, jobEnding, {
    attempts: facts.attempts - (refundsAttempt ? 1 : 0),
    maxAttempts: facts.max_attempts,
    refusals: facts.refusals,
    maxRefusals: facts.max_refusals,
  });
  return {
    kind: 'SETTLE',
    settlement: {
      facts,
      ending,
      buildStatus,
      attemptedIdent: ident.text,
      builtIdent: jobState === 'COMPLETE' ? ident.text : null,
      jobState,
      jobEnding,
      refundsAttempt,
      nodeState: nodeStateOf(jobState),
      history: {
        process: facts.status === 'OFFERED' ? 'DISPATCH' : 'BUILD',
        event: historyEvent(ending.ending),
      },
      requeueAfterMs: requeueDelayMs(facts, jobEnding),
      charge: ending.uncharged === true ? null : chargeOf(facts, ending.ending),
    },
  };
}

/** A build that made another project's package, or nothing that can be named, has failed, however well its steps went. */
function judgeIdent(ending: Ending, ident: ClaimedIdent): Ending {
  if (ident.problem === null || ending.ending !== 'SUCCEEDED') return ending;
  return {
    ...ending,
    ending: 'FAILED',
    status: 'FAILURE',
    exitCode: null,
    failureKind: 'IDENT_MISMATCH',
    error: ident.problem,
  };
}

function endingForJob({ ending, failureKind }: Ending): BuildEnding {
  return ending === 'REFUSED' && failureKind === 'NO_SPACE' ? 'WITHDRAWN' : ending;
}

function judgeRepetition(facts: BuildFacts, ending: Ending): Verdict {
  const same = ending.resultSha256 !== undefined && facts.result_sha256?.equals(ending.resultSha256) === true;
  return { kind: same ? 'REPEATED' : 'STALE', status: facts.status };
}

/** A canceled offer is CANCELED, however it ended: its job was canceled before anybody accepted it. */
function finalStatus(facts: BuildFacts, ending: Ending): BuildStatus {
  if (facts.status === 'OFFERED' && facts.job_state === 'CANCEL_PENDING') return 'CANCELED';
  return ending.status;
}

function nodeStateOf(state: JobState): GroupProjectState | null {
  switch (state) {
    case 'COMPLETE':
      return 'SUCCESS';
    case 'FAILED':
    case 'REJECTED':
      return 'FAILURE';
    case 'CANCEL_COMPLETE':
      return 'CANCELED';
    default:
      return null;
  }
}

/** `Finished` is work that was done, whatever came out of it; `Expired` is silence. */
function historyEvent(ending: BuildEnding): Settlement['history']['event'] {
  switch (ending) {
    case 'SUCCEEDED':
    case 'FAILED':
    case 'TIMED_OUT':
      return 'Finished';
    case 'INFRASTRUCTURE':
    case 'REFUSED':
      return 'Failed';
    case 'LOST':
    case 'UNACKNOWLEDGED':
      return 'Expired';
    case 'AGENT_STOPPED':
    case 'CANCELED':
    case 'WITHDRAWN':
    case 'UNSEALABLE':
      return 'Canceled';
  }
}

function chargeOf(facts: BuildFacts, ending: BuildEnding): Settlement['charge'] {
  switch (ending) {
    case 'LOST':
    case 'INFRASTRUCTURE':
      return 'BUILD';
    case 'UNACKNOWLEDGED':
      return 'DISPATCH';
    case 'REFUSED':
      return facts.status === 'OFFERED' ? 'DISPATCH' : null;
    default:
      return null;
  }
}

/** After a silence the old agent may live on until it fences itself: 5 s beyond the end of its lease. */
const LOST_MS = 5_000;
const REFUSED = { baseMs: 1_000, maxMs: 60_000 };
const INFRASTRUCTURE = { baseMs: 5_000, maxMs: 300_000 };

function requeueDelayMs(facts: BuildFacts, ending: BuildEnding): number {
  switch (ending) {
    case 'LOST':
      return Math.max(LOST_MS, exponentialMs(INFRASTRUCTURE, facts.attempts));
    case 'INFRASTRUCTURE':
      return exponentialMs(INFRASTRUCTURE, facts.attempts);
    case 'REFUSED':
    case 'UNACKNOWLEDGED':
      return exponentialMs(REFUSED, facts.refusals + 1);
    default:
      return 0;
  }
}

function exponentialMs(policy: { baseMs: number; maxMs: number }, nth: number): number {
  return Math.min(policy.maxMs, policy.baseMs * 2 ** Math.min(nth - 1, 20));
}
