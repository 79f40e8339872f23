import type { PlannedGroup } from '../groups/group-plan.js';

/** How much of the graph a group builds, next to its root. */
export type Scope = PlannedGroup['scope'];

/** What decides the scope of a change that names none. */
export interface ScopeFacts {
  readonly event: string;
  readonly branch: string | null;
  readonly defaultBranch: string;
  readonly trusted: boolean;
}

/**
 * The table of events and default scopes. What comes from outside never reaches other origins, whatever its event.
 * Groups are package_only until projects can declare dependencies; then the planner asks here.
 */
export function defaultScope(facts: ScopeFacts): Scope {
  const scope = trustedScope(facts);
  return facts.trusted || scope === 'package_only' ? scope : 'origin_only';
}

function trustedScope({ event, branch, defaultBranch }: ScopeFacts): Scope {
  if (event === 'upload') return 'deps_only';
  return event === 'push' && branch === defaultBranch ? 'full' : 'package_only';
}
