import type {
  CompiledConcurrency,
  CompiledSecret,
  CompiledStage,
  StepRetry,
  StepSecret,
} from './compiled.js';
import type { PipelineProblem } from './problems.js';
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

/** What may be in the way of running a part of a file that is fine otherwise; only Vela's files have any. */
export interface Obstructed {
  readonly obstacles: readonly PipelineProblem[];
}

export interface PipelineStep extends Obstructed {
  readonly name: string;
  /** Null in a pipeline without stages. */
  readonly stage: string | null;
  readonly image: string | null;
  /** Empty: the shell. */
  readonly entrypoint: readonly string[];
  /** Empty only beside an entrypoint, or in a step that has obstacles. */
  readonly commands: readonly string[];
  /** Below the checkout; null: the checkout itself. */
  readonly workingDirectory: string | null;
  readonly timeoutMs: number | null;
  readonly retry: StepRetry | null;
  readonly secrets: readonly StepSecret[];
  /** Globs of files below the checkout. */
  readonly artifacts: readonly string[];
  /** Its own variables and its stage's, with its parameters; those of the pipeline are added when compiling. */
  readonly environment: Environment;
  readonly ruleset: Ruleset;
  /** Name of the template that it stands for. */
  readonly template: string | null;
}

/** A secret as the file declares it; where its key is relative, the repo of the change completes it. */
export interface PipelineSecret extends Obstructed {
  readonly name: string;
  readonly type: CompiledSecret['type'];
  /** One part: relative to the repo or organisation of the change. */
  readonly key: string;
  /** Where the key stands, to complain about one that another repo owns. */
  readonly place: Omit<PipelineProblem, 'expected'>;
}

/** A service as Vela's files declare it. */
export interface PipelineService extends Obstructed {
  readonly name: string;
  readonly image: string;
  readonly entrypoint: readonly string[];
  readonly environment: Environment;
  readonly ports: readonly string[];
  readonly ruleset: Ruleset;
}

/** A validated pipeline file, before any rule is applied. */
export interface Pipeline extends Obstructed {
  readonly version: '1';
  readonly clone: boolean;
  readonly environment: Environment;
  /** Whether the steps get `environment` (`metadata.environment`). */
  readonly sharesEnvironment: boolean;
  readonly worker: WorkerRequirements;
  readonly timeoutMs: number | null;
  readonly concurrency: CompiledConcurrency | null;
  /** Names unique. A step may also name a secret that is not here: one of the repo. */
  readonly secrets: readonly PipelineSecret[];
  /** Only in Vela's files. */
  readonly services: readonly PipelineService[];
  /** Names of templates that the whole file stands for; only in Vela's files. */
  readonly templates: readonly string[];
  /** In the order of the file, their needs known and without circles; null: the steps run one after the other. */
  readonly stages: readonly CompiledStage[] | null;
  /** In the order of the file, names unique within a stage. */
  readonly steps: readonly PipelineStep[];
  /** `file:line:column: key: text` lines. */
  readonly warnings: readonly string[];
}
