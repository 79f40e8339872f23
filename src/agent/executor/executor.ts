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

/** Where a step finds what its build has, in its own view of the file system. */
export interface StepPaths {
  /** The checkout, where steps start. */
  readonly source: string;
  /** Its `HOME`, which the steps of a build share. */
  readonly home: string;
  /** Its `TMPDIR`. */
  readonly temporary: string;
  /** Directory for the files by which a step tells the agent something. */
  readonly outputs: string;
  /** Its `PATH` unless it sets another one. */
  readonly search: string;
}

/** How a step's process ended; `outOfMemory` says so when the kernel killed any process of it for want of memory. */
export type StepExit =
  | { readonly kind: 'EXITED'; readonly code: number; readonly outOfMemory?: string }
  | { readonly kind: 'SIGNALED'; readonly signal: NodeJS.Signals; readonly outOfMemory?: string }
  /** It never ran: the fault is the machine's, not the step's. */
  | { readonly kind: 'NOT_STARTED'; readonly error: string };

/** A way to run steps. When `run` resolves, nothing of the step runs any more. */
export interface Executor {
  readonly driver: string;
  /** What a build's log should say about how this driver runs the pipeline. */
  notices(pipeline: CompiledPipeline): readonly string[];
  /** Where the steps of a build find what is in its workspace. */
  pathsOf(workspace: Workspace): StepPaths;
  /**
   * Makes a checkout ready for the steps, once its files are there and before any of them runs: the worker's mounts
   * get their places. Throws a ValidationError when the checkout has something in such a place.
   */
  prepare(workspace: Workspace): Promise<void>;
  /** Ends whatever is left of a build's steps. True once nothing is. */
  release(build: string): Promise<boolean>;
  run(execution: StepExecution): Promise<StepExit>;
}
