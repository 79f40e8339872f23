/** A secret that a step wants in its environment. */
export interface StepSecret {
  /** Name of the {@link CompiledSecret}. */
  readonly name: string;
  /** The environment variable that gets its value. */
  readonly variable: string;
}

/** When a failing step is run again by its agent; times and steps of other builds know nothing of it. */
export interface StepRetry {
  /** Most runs after the first one. */
  readonly max: number;
  /** Whether a step that could not be run (the machine's fault) is tried again. */
  readonly infrastructure: boolean;
  /** Exit codes after which it is tried again; absent: any but 0. */
  readonly exitCodes?: readonly number[];
}

/** A step as an agent runs it. */
export interface CompiledStep {
  /** Counts the steps that are left from 1. */
  readonly number: number;
  readonly name: string;
  /** Stage that it belongs to; absent in a pipeline without stages. */
  readonly stage?: string;
  readonly image?: string;
  /** Program and words in the place of the shell; `commands` are then its script, if there are any. */
  readonly entrypoint?: readonly string[];
  /** Run as one script, in this order. */
  readonly commands: readonly string[];
  /** Below the checkout; absent: the checkout itself. */
  readonly workingDirectory?: string;
  readonly timeoutMs?: number;
  readonly retry?: StepRetry;
  /** Absent: none. */
  readonly secrets?: readonly StepSecret[];
  /** Globs of files below the checkout that are kept after the step; absent: none. */
  readonly artifacts?: readonly string[];
  /** All of the step's variables, the pipeline's included, sorted by name. */
  readonly environment: Readonly<Record<string, string>>;
  readonly ruleset: {
    /** The statuses of the build at which it runs; absent: while nothing has failed. */
    readonly status?: readonly ('success' | 'failure')[];
    /** True: its failure does not fail the build. */
    readonly continue: boolean;
  };
}

/** A step that the rules left out, and why. */
export interface SkippedStep {
  readonly step: string;
  readonly reason: string;
}

/** Where a secret comes from: a repo's own, its organisation's, or one that several organisations share. */
export interface CompiledSecret {
  /** What the steps call it. */
  readonly name: string;
  readonly type: 'repo' | 'org' | 'shared';
  /** `org/repo/name` of a repo's secret, `org/name` of an organisation's, `name` of a shared one. */
  readonly key: string;
}

/** Steps that run one after the other, beside those of other stages. */
export interface CompiledStage {
  readonly name: string;
  /** Stages that must have ended well before it starts. */
  readonly needs: readonly string[];
  /** Runs whatever becomes of the stages that it does not need. */
  readonly independent: boolean;
}

/** Limit on how many jobs with the same key run at once. */
export interface CompiledConcurrency {
  readonly group: string;
  readonly limit: number;
  readonly strategy: 'queue' | 'cancel_in_progress' | 'cancel_queued_keep_newest';
}

/** What is left of a pipeline for one change; travels to the agent in the head of a build package. */
export interface CompiledPipeline {
  readonly version: '1';
  readonly clone: boolean;
  /** Target that the worker must serve; absent: the project's. */
  readonly target?: string;
  /** Labels that the worker must have, sorted by name. */
  readonly labels: Readonly<Record<string, string>>;
  /** What every step has in its environment already, sorted by name. */
  readonly environment: Readonly<Record<string, string>>;
  readonly steps: readonly CompiledStep[];
  /** In the order of the file, those with steps only; absent: the steps run one after the other. */
  readonly stages?: readonly CompiledStage[];
  /** Those that steps name; absent: none. */
  readonly secrets?: readonly CompiledSecret[];
  /** Most time of the steps together; absent: the repo's. */
  readonly timeoutMs?: number;
  readonly concurrency?: CompiledConcurrency;
  readonly skipped: readonly SkippedStep[];
  readonly warnings: readonly string[];
}
