import type { Transaction } from '../database/hot-connection.js';
import { statement } from '../database/statement.js';
import { jobStates } from '../jobs/jobs.state.js';
import type { Settlement } from './settlement.js';

/**
 * Compare-and-set on the status that was read under the job's lock. A log of which nothing is announced and nothing is
 * there is complete at once.
 */
const endBuilds = statement(`
  update builds b set status = e.status, exit_code = e.exit_code, failure_kind = e.failure_kind, error = e.error,
    result_sha256 = e.result_sha256, log_lengths = e.log_lengths,
    attempted_ident = e.attempted_ident, built_ident = e.built_ident,
    log_state = case
      when b.status = 'OFFERED' then 'SEALED'
      when e.log_lengths = '[]' and not exists (select 1 from step_logs s where s.build_id = b.id) then 'SEALED'
      else 'DRAINING' end::log_state,
    finished_at = slipway_now(), updated_at = slipway_now()
  from unnest($1::uuid[], $2::build_status[], $3::integer[], $4::text[], $5::text[], $6::bytea[], $7::jsonb[],
    $8::text[], $9::text[])
    e(id, status, exit_code, failure_kind, error, result_sha256, log_lengths, attempted_ident, built_ident)
  where b.id = e.id and b.finished_at is null`);

/** A step that nobody will report on any more must not look as if it ran for ever. */
const closeSteps = statement(`
  update steps s set finished_at = slipway_now(), status = case
      when s.status = 'PENDING' then 'SKIPPED'
      when b.status = 'KILLED' then 'KILLED'
      when b.status = 'CANCELED' then 'CANCELED'
      else 'ERROR' end::step_status
  from unnest($1::uuid[], $2::build_status[]) b(id, status)
  where s.build_id = b.id and s.status in ('PENDING', 'RUNNING')`);

const deleteLeases = statement(`delete from busy_workers where build_id = any($1::uuid[])`);

const endOrRequeueJobs = statement(`
  update jobs j set state = e.state, failure_kind = e.failure_kind, error = e.error, cancel_deadline = null,
    refusals = j.refusals + e.refused::integer, attempts = j.attempts - e.refunded::integer,
    ready_at = case when e.state = 'PENDING' then slipway_now() + e.delay_ms * interval '1 millisecond' else j.ready_at end,
    finished_at = case when e.final then slipway_now() end, updated_at = slipway_now()
  from unnest($1::uuid[], $2::job_state[], $3::boolean[], $4::text[], $5::text[], $6::bigint[], $7::boolean[], $8::boolean[])
    e(id, state, final, failure_kind, error, delay_ms, refused, refunded)
  where j.id = e.id and j.finished_at is null`);

const insertOutputs = statement(`
  insert into build_outputs (build_id, name, value)
  select * from unnest($1::uuid[], $2::text[], $3::text[]) on conflict do nothing`);

const closeHistory = statement(`
  insert into work_history (worker_id, hostname, process, event, build_id, session_id, failed_cause)
  select * from unnest($1::uuid[], $2::text[], $3::work_process[], $4::work_history_event[], $5::uuid[], $6::uuid[], $7::text[])`);

/** Ends builds and frees their slots; their jobs end with them or go back into their lanes. */
export async function writeSettlements(
  transaction: Transaction,
  settlements: readonly Settlement[],
): Promise<void> {
  const facts = settlements.map((settlement) => settlement.facts);
  const endings = settlements.map((settlement) => settlement.ending);
  const buildIds = facts.map(({ build_id }) => build_id);
  const kinds = endings.map(({ failureKind }) => failureKind ?? null);
  const errors = endings.map(({ error }) => error ?? null);
  await Promise.all([
    transaction.run(endOrRequeueJobs, [
      facts.map(({ job_id }) => job_id),
      settlements.map(({ jobState }) => jobState),
      settlements.map(({ jobState }) => jobStates.isFinal(jobState)),
      kinds,
      errors,
      settlements.map(({ requeueAfterMs }) => requeueAfterMs),
      settlements.map(({ jobEnding }) => jobEnding === 'REFUSED' || jobEnding === 'UNACKNOWLEDGED'),
      settlements.map(({ refundsAttempt }) => refundsAttempt),
    ]),
    transaction.run(endBuilds, [
      buildIds,
      settlements.map(({ buildStatus }) => buildStatus),
      endings.map(({ exitCode }) => exitCode ?? null),
      kinds,
      errors,
      endings.map(({ resultSha256 }) => resultSha256 ?? null),
      endings.map(({ logLengths }) => (logLengths === undefined ? null : JSON.stringify(logLengths))),
      settlements.map(({ attemptedIdent }) => attemptedIdent),
      settlements.map(({ builtIdent }) => builtIdent),
    ]),
    transaction.run(closeSteps, [buildIds, settlements.map(({ buildStatus }) => buildStatus)]),
    ...insertedOutputs(transaction, settlements),
    transaction.run(deleteLeases, [buildIds]),
    transaction.run(closeHistory, historyColumns(settlements)),
  ]);
}

/** Most builds have none: then no statement travels. */
function insertedOutputs(
  transaction: Transaction,
  settlements: readonly Settlement[],
): Promise<readonly unknown[]>[] {
  const outputs = settlements.flatMap(({ facts, ending }) =>
    (ending.outputs ?? []).map((output) => ({ buildId: facts.build_id, ...output })),
  );
  if (outputs.length === 0) return [];
  const columns = [
    outputs.map(({ buildId }) => buildId),
    outputs.map(({ name }) => name),
    outputs.map(({ value }) => value),
  ];
  return [transaction.run(insertOutputs, columns)];
}

function historyColumns(settlements: readonly Settlement[]): unknown[] {
  const facts = settlements.map((settlement) => settlement.facts);
  return [
    facts.map(({ worker_id }) => worker_id),
    facts.map(({ hostname }) => hostname),
    settlements.map(({ history }) => history.process),
    settlements.map(({ history }) => history.event),
    facts.map(({ build_id }) => build_id),
    facts.map(({ lease_session_id }) => lease_session_id),
    settlements.map(({ history, ending }) =>
      history.event === 'Failed' ? (ending.error ?? ending.ending) : null,
    ),
  ];
}
