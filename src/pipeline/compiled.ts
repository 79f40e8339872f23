/** A step as an agent runs it. */
export interface CompiledStep {
  /** Counts the steps that are left from 1. */
  readonly number: number;
  readonly name: string;
  readonly image?: string;
  /** Run as one script, in this order. */
  readonly commands: readonly string[];
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
  readonly skipped: readonly SkippedStep[];
  readonly warnings: readonly string[];
}
