import type { CompiledPipeline, CompiledStep } from '../../pipeline/index.js';
import type { Workspace } from '../builds/workspace.js';
import type { ProcessControl } from './process-control.js';

/** One step of one build, ready to run. */
export interface StepExecution {
  readonly build: string;
  readonly workspace: Workspace;
  readonly step: CompiledStep;
  /** Where it starts: the checkout or a directory below it, as a path of the machine without links. */
  readonly directory: string;
  /** Everything that the step finds in its environment, and nothing else. */
  readonly environment: Readonly<Record<string, string>>;
  /** Takes what the step prints; the step is held up until it resolves. */
  readonly output: OutputSink;
  readonly control: ProcessControl;
}

/** Takes bytes of output; resolves when it can take more. */
export type OutputSink = (bytes: Uint8Array) => Promise<void>;

/** How a step's process ended. */
export type StepExit =
  | { readonly kind: 'EXITED'; readonly code: number }
  | { readonly kind: 'SIGNALED'; readonly signal: NodeJS.Signals }
  /** It never ran: the fault is the machine's, not the step's. */
  | { readonly kind: 'NOT_STARTED'; readonly error: string };

/** A way to run steps. When `run` resolves, nothing of the step runs any more. */
export interface Executor {
  readonly driver: string;
  /** What a build's log should say about how this driver runs the pipeline. */
  notices(pipeline: CompiledPipeline): readonly string[];
  run(execution: StepExecution): Promise<StepExit>;
}
