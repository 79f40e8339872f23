import { assertNever } from '../base/assert-never.js';
import type { Principal } from './principal.js';

/** What an action is done to. Rights are global until repos have members; the shape is what policies will need. */
export interface Resource {
  readonly repoId?: string;
  readonly organisationId?: string;
  readonly workerId?: string;
}

/** For each action, the scopes of a user token that include it. `admin` includes every action. */
const SCOPES = {
  'schema.read': ['read', 'write'],
  'repo.read': ['read', 'write'],
  'repo.add': [],
  'repo.update': [],
  'change.read': ['read', 'write'],
  'change.create': ['write'],
  'job.read': ['read', 'write'],
  'job.cancel': ['write'],
  'job.rebuild': ['write'],
  'job.prioritise': ['write'],
  'artifact.read': ['read', 'write'],
  'log.read': ['read', 'write'],
  'secret.read': ['read', 'write'],
  'secret.write': [],
  'secret.rotate': [],
  'worker.read': ['read', 'write'],
  'worker.update': [],
  'worker.operate': [],
  'enrolment.create': [],
} as const satisfies Record<string, readonly string[]>;

/** Everything that a policy decides about. */
export type Action = keyof typeof SCOPES;

/** The one policy: whether the principal may do this to that. Anonymous principals may do nothing of it. */
export function can(principal: Principal, action: Action, resource: Resource = {}): boolean {
  switch (principal.kind) {
    case 'ANONYMOUS':
      return false;
    case 'SYSTEM':
      return true;
    case 'WORKER':
      return action === 'worker.operate' && resource.workerId === principal.workerId;
    case 'API_TOKEN':
      return action !== 'worker.operate' && includes(principal.scopes, action);
    default:
      return assertNever(principal, 'principal');
  }
}

function includes(scopes: readonly string[], action: Action): boolean {
  const sufficient: readonly string[] = SCOPES[action];
  return scopes.some((scope) => scope === 'admin' || sufficient.includes(scope));
}
