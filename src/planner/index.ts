/** Changes to groups. */
export type { AdmitGroups } from './change-recorder.js';
export { Planner, type PlannerOptions } from './planner.js';
