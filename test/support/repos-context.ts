import { randomBytes } from 'node:crypto';
import type { Queryable } from '../../src/database/queryable.js';
import { parseAllowedHost } from '../../src/git/network.js';
import { AddressGuard, Git, RepoCredentials, type ReposContext } from '../../src/repos/index.js';
import { masterKeysOf } from '../../src/tokens/index.js';

/** Master keys of this test run. */
const testMasterKeys = masterKeysOf(randomBytes(32));

/** Lets git connect to the servers of tests, also by a name that no name server knows: `git.test`. */
export const loopbackGuard = new AddressGuard([parseAllowedHost('127.0.0.1')!], () =>
  Promise.resolve(['127.0.0.1']),
);

/** What operations on repos need, for a database of a test. */
export function reposContext(db: Queryable, options: { readonly caFile?: string } = {}): ReposContext {
  return {
    db,
    git: new Git({ ...options, guard: loopbackGuard }),
    credentials: new RepoCredentials(db, testMasterKeys),
  };
}
