import type { Ruleset } from './rules/ruleset.js';

/** Which keys a file may have: ours, or those of a `.vela.yml` as well. */
export const Dialect = { SLIPWAY: 'slipway', VELA: 'vela' } as const;
export type Dialect = (typeof Dialect)[keyof typeof Dialect];

/** Environment variables by name. */
export type Environment = Readonly<Record<string, string>>;

/** What a worker must be to run the pipeline. */
export interface WorkerRequirements {
  readonly target: string | null;
  readonly labels: Readonly<Record<string, string>>;
}

export interface PipelineStep {
  readonly name: string;
  readonly image: string | null;
  readonly commands: readonly string[];
  readonly environment: Environment;
  readonly ruleset: Ruleset;
}

/** A validated pipeline file, before any rule is applied. */
export interface Pipeline {
  readonly version: '1';
  readonly clone: boolean;
  readonly environment: Environment;
  /** Whether the steps get `environment` (`metadata.environment`). */
  readonly sharesEnvironment: boolean;
  readonly worker: WorkerRequirements;
  /** In the order of the file, names unique. */
  readonly steps: readonly PipelineStep[];
  /** `file:line:column: key: text` lines. */
  readonly warnings: readonly string[];
}
