import type { HotConnection, Transaction } from '../database/hot-connection.js';
import type { HeldBuild, HeldBuildAnswer } from '../protocol/messages.js';
import { readNextSeqs } from './report.queries.js';
import { findWorkerLeases, moveLeases, type WorkerLease } from './resume.queries.js';
import type { SessionIdentity } from './session-services.js';
import type { Settler } from './settler.js';

export interface HeldBuildsServices {
  readonly connection: HotConnection;
  readonly settler: Settler;
}

/** What an agent brings into a new session. */
export interface Arrival {
  readonly identity: SessionIdentity;
  readonly holds: readonly HeldBuild[];
  /** Nothing of an older agent runs on the machine. */
  readonly clean: boolean;
}

export interface HeldBuildsOutcome {
  readonly answers: readonly HeldBuildAnswer[];
  readonly running: readonly string[];
  readonly offered: readonly string[];
}

/**
 * Decides about every lease of a worker that has just opened a session. The same boot resumes: what it holds moves to
 * the new session, what it does not hold is withdrawn (never accepted) or lost. A new boot that is clean has nothing:
 * its leases are taken back at once. A new boot that is not clean may still run them: they wait for the lease's end.
 */
export async function settleHeldBuilds(
  services: HeldBuildsServices,
  arrival: Arrival,
): Promise<HeldBuildsOutcome> {
  const { connection } = services;
  const leases = await connection.transaction((tx) => findWorkerLeases(tx, arrival.identity.workerId));
  const held = new Set(arrival.holds.map(({ build }) => build));
  const isResume = (lease: WorkerLease): boolean => lease.boot_id === arrival.identity.bootId;
  const kept = leases.filter((lease) => isResume(lease) && held.has(lease.build_id));
  const dropped = leases.filter((lease) => !kept.includes(lease) && (isResume(lease) || arrival.clean));
  await Promise.all(dropped.map((lease) => takeBack(services.settler, lease)));
  const { moved, nextSeqs } = await connection.transaction(async (transaction: Transaction) => {
    const moved = await moveLeases(
      transaction,
      kept.map(({ build_id }) => build_id),
      arrival.identity.session,
    );
    return { moved, nextSeqs: await readNextSeqs(transaction, [...moved]) };
  });
  const live = new Map(
    kept.filter(({ build_id }) => moved.has(build_id)).map((lease) => [lease.build_id, lease]),
  );
  return {
    answers: arrival.holds.map((hold) => answerFor(hold, live.get(hold.build), nextSeqs.get(hold.build))),
    running: [...live.values()].filter(({ accepted }) => accepted).map(({ build_id }) => build_id),
    offered: [...live.values()].filter(({ accepted }) => !accepted).map(({ build_id }) => build_id),
  };
}

async function takeBack(settler: Settler, lease: WorkerLease): Promise<void> {
  await settler.settle({
    buildId: lease.build_id,
    ...(lease.accepted
      ? {
          ending: 'LOST',
          status: 'LOST',
          failureKind: 'LOST',
          error: 'the agent restarted without the build',
        }
      : { ending: 'WITHDRAWN', status: 'WITHDRAWN' }),
    onlyIf: (facts) => facts.lease_session_id === lease.session_id,
  });
}

/** A finished build sends its result again whatever the rows say: the answer to it tells what became of it. */
function answerFor(
  hold: HeldBuild,
  lease: WorkerLease | undefined,
  nextSeqs: Readonly<Record<string, number>> | undefined,
): HeldBuildAnswer {
  if (hold.phase === 'FINISHING') return { build: hold.build, answer: 'RESEND' };
  if (lease === undefined) return { build: hold.build, answer: 'ABANDON' };
  if (!lease.accepted) return { build: hold.build, answer: 'START' };
  return {
    build: hold.build,
    answer: 'CONTINUE',
    nextSeqs: nextSeqs ?? {},
    hardDeadlineMs: Math.max(0, lease.hard_deadline_ms ?? 0),
  };
}
