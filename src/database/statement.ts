import { createHash } from 'node:crypto';

/**
 * One named, prepared statement. The name is derived from the text, so that a changed text can never meet an old plan.
 * `Row` is what a row of its result looks like; it is only for the compiler.
 */
export interface Statement<Row> {
  readonly name: string;
  readonly text: string;
  readonly row?: Row;
}

/** Declares a {@link Statement}. @example const lockJobs = statement<{ id: string }>(`select …`); */
export function statement<Row = never>(text: string): Statement<Row> {
  return { name: `s${createHash('sha256').update(text).digest('hex').slice(0, 20)}`, text };
}
