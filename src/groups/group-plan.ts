import type { CompiledConcurrency } from '../pipeline/index.js';

/** A node of a planned group, with all that its job needs once its dependencies have succeeded. */
export interface PlannedNode {
  readonly projectId: string;
  /** What the job runs: a serialised CompiledPipeline. Its bytes are stored as they are. */
  readonly spec: string;
  /** Labels that a worker must have. */
  readonly requirements: Readonly<Record<string, string>>;
  /** Limit that it shares with other jobs of its repo; absent: none. */
  readonly concurrency?: CompiledConcurrency;
  readonly timeoutMs: number;
  readonly cloneUrl: string;
  readonly ref: string | null;
  readonly branch: string | null;
  readonly commit: string;
  /** Positions in `PlannedGroup.nodes` of what this node waits for. */
  readonly dependsOn: readonly number[];
}

/** What the planner made of a change for one root project and target; {@link admitGroups} turns it into rows. */
export interface PlannedGroup {
  /** UUID; admitting the same id again changes nothing. */
  readonly id: string;
  readonly changeId: string;
  readonly repoId: string;
  readonly rootProjectId: string;
  readonly target: string;
  readonly scope: 'full' | 'deps_only' | 'package_only' | 'origin_only';
  readonly onFailure: 'continue' | 'fail_fast';
  /** False for what comes from outside, such as a fork: runs only where untrusted work may. */
  readonly trusted: boolean;
  readonly priority: number;
  /** The group whose work it repeats. */
  readonly rebuildOf?: string;
  readonly nodes: readonly PlannedNode[];
}
