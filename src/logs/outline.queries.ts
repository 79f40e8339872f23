import type { Queryable } from '../database/queryable.js';

/** What is known of a step's log as a whole. */
export interface StepLogOutline {
  readonly step: number;
  /** The highest number that is stored; -1 for none. */
  readonly maxSeq: number;
  /** The first chunk that the server left out because of a cap. */
  readonly cappedFrom: number | null;
  /** Where it ends, once it is sealed: nothing comes any more. */
  readonly lastSeq: number | null;
  /** When it was sealed. */
  readonly sealedAt: string | null;
  /** Its bytes are in an object, and its chunks are gone. */
  readonly isArchived: boolean;
  readonly objectKey: string | null;
  /** Its bytes are gone for good. */
  readonly isRemoved: boolean;
}

/** What is known of a build's log as a whole. */
export interface LogOutline {
  /** Nothing is stored any more. */
  readonly isSealed: boolean;
  /** For each step the last chunk that the agent announced at the end; null while the build runs. */
  readonly announced: ReadonlyMap<number, number> | null;
  /** The steps that have a log, by number. */
  readonly steps: readonly StepLogOutline[];
  /** The database's time at which this was true. */
  readonly at: Date;
}

interface OutlineRow {
  readonly isSealed: boolean;
  readonly lengths: readonly { readonly step: number; readonly lastSeq: number }[] | null;
  readonly steps: readonly StepLogOutline[];
  readonly at: Date;
}

/** The outline of a build's log, of one statement and so of one moment; undefined when there is no such build. */
export async function findLogOutline(db: Queryable, buildId: string): Promise<LogOutline | undefined> {
  const { rows } = await db.query<OutlineRow>(
    `select b.log_state in ('SEALED', 'ARCHIVED') as "isSealed", b.log_lengths as lengths, slipway_now() as at,
       coalesce((
         select json_agg(json_build_object('step', s.step, 'maxSeq', s.max_seq, 'cappedFrom', s.capped_from,
           'lastSeq', s.last_seq,
           'sealedAt', s.sealed_at, 'isArchived', s.archived_at is not null, 'objectKey', s.object_key,
           'isRemoved', s.removed_at is not null) order by s.step)
         from step_logs s where s.build_id = b.id
       ), '[]') as steps
     from builds b where b.id = $1`,
    [buildId],
  );
  const [row] = rows;
  if (row === undefined) return undefined;
  const { isSealed, steps, at, lengths } = row;
  return {
    isSealed,
    steps,
    at,
    announced: lengths && new Map(lengths.map(({ step, lastSeq }) => [step, lastSeq])),
  };
}
