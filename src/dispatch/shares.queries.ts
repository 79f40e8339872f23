import type { Transaction } from '../database/hot-connection.js';
import { statement } from '../database/statement.js';

/** Starts of an organisation's or repo's builds on workers of a class. */
export interface ShareCharge {
  readonly ownerId: string;
  /** Virtual time at which the first of them began, as the claim saw it. */
  readonly fromVtime: number;
  /** Starts divided by the owner's weight. */
  readonly strides: number;
}

/** Sorted, so that batches do not deadlock. Another replica's charge may have come in between: both count. */
const charge = statement(`
  insert into shares as s (worker_class, owner_id, vtime)
  select $1::uuid, owner_id, from_vtime + strides
  from unnest($2::uuid[], $3::double precision[], $4::double precision[]) c(owner_id, from_vtime, strides)
  order by owner_id
  on conflict (worker_class, owner_id) do update set updated_at = slipway_now(), vtime = greatest(excluded.vtime,
    s.vtime + (select strides from unnest($2::uuid[], $4::double precision[]) c(owner_id, strides)
               where c.owner_id = excluded.owner_id))`);

/** Moves the virtual time of owners on by what was started for them. */
export async function chargeShares(
  transaction: Transaction,
  workerClassId: string,
  charges: readonly ShareCharge[],
): Promise<void> {
  await transaction.run(charge, [
    workerClassId,
    charges.map(({ ownerId }) => ownerId),
    charges.map(({ fromVtime }) => fromVtime),
    charges.map(({ strides }) => strides),
  ]);
}

const forget = statement(`
  delete from shares where (worker_class, owner_id) in (
    select worker_class, owner_id from shares where updated_at < slipway_now() - interval '1 hour'
    order by worker_class, owner_id limit 1000 for update skip locked)`);

/** Forgets shares that nobody has used for an hour: whoever comes back begins where the others are, share or none. */
export async function forgetShares(transaction: Transaction): Promise<void> {
  await transaction.run(forget, []);
}
