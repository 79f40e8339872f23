export type { ChangeFailure, ChangeFailureCode, ChangeProblem } from './change-failure.js';
export type { CreateChangeInput } from './change-input.js';
export { createChange } from './changes.js';
export { rebuildGroup, rebuildJob, type RebuildInput } from './rebuild.js';
export {
  claimChanges,
  failChange,
  failSilentChanges,
  giveBackChange,
  noteResolution,
  renewClaims,
  retryChange,
  skipChange,
  type ChangeClaim,
  type ClaimedChange,
} from './changes.queries.js';
export { ChangeGroup } from './change-group.entity.js';
export { Change } from './change.entity.js';
