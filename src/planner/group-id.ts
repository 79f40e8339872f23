import { hashUuid } from '../base/hash-uuid.js';

/**
 * Id of the group of a change for a project and target: the same whoever plans it, so that planning twice (after a
 * crash, or by two replicas) asks for the same group.
 */
export function groupIdOf(group: {
  readonly changeId: string;
  readonly projectId: string;
  readonly target: string;
}): string {
  return hashUuid(JSON.stringify(['slipway group', group.changeId, group.projectId, group.target]));
}
