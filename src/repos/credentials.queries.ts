import type { Transaction } from '../database/hot-connection.js';
import type { Queryable } from '../database/queryable.js';
import { statement } from '../database/statement.js';

/** A stored credential, closed. */
export interface EnvelopedCredential {
  readonly id: string;
  readonly credential: Buffer;
}

const credentials = statement<EnvelopedCredential>(
  `select id, credential from repos where id = any($1::uuid[]) and credential is not null`,
);

/** The credential of a repo, if it has one. */
export async function findCredential(
  db: Queryable,
  repoId: string,
): Promise<EnvelopedCredential | undefined> {
  const { rows } = await db.query<EnvelopedCredential>(credentials.text, [[repoId]]);
  return rows[0];
}

/** The credentials of those repos that have one: one query for a whole batch of packages. */
export function findCredentials(
  transaction: Transaction,
  repoIds: readonly string[],
): Promise<EnvelopedCredential[]> {
  return transaction.run(credentials, [repoIds]);
}
