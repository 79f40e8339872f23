import { DomainError, ErrorCode } from '../base/errors.js';
import { cut } from '../base/text.js';
import {
  type CompiledConcurrency,
  compilePipeline,
  parsePipeline,
  PipelineError,
  serialiseCompiled,
  type PipelineProblem,
  type RuleFacts,
  type SkippedStep,
} from '../pipeline/index.js';

/** A pipeline file and the change that it is compiled for. */
export interface CompileRequest {
  readonly source: { readonly file: string; readonly text: string };
  readonly facts: RuleFacts;
}

/** What became of a pipeline file; plain values, since it crosses threads. */
export type CompileAnswer =
  | {
      readonly kind: 'COMPILED';
      /** A serialised CompiledPipeline. */
      readonly spec: string;
      readonly target: string | null;
      readonly labels: Readonly<Record<string, string>>;
      /** Most time of its steps together; null: the repo's. */
      readonly timeoutMs: number | null;
      readonly concurrency: CompiledConcurrency | null;
    }
  | { readonly kind: 'SKIPPED'; readonly reason: string }
  | { readonly kind: 'INVALID'; readonly message: string; readonly problems: readonly PipelineProblem[] }
  | { readonly kind: 'TOO_LARGE'; readonly message: string };

const REASON_LENGTH = 1000;

/** Parses and compiles; whatever may be wrong with the file is an answer, not an error. */
export function compileSource({ source, facts }: CompileRequest): CompileAnswer {
  try {
    const outcome = compilePipeline(parsePipeline(source), facts);
    if (outcome.kind === 'SKIPPED') return { kind: 'SKIPPED', reason: reasonOf(outcome) };
    // Without what is in the way another build would run than the file asks for.
    if (outcome.obstacles.length > 0) throw new PipelineError(outcome.obstacles);
    const { target = null, labels, timeoutMs = null, concurrency = null } = outcome.pipeline;
    const spec = serialiseCompiled(outcome.pipeline);
    return { kind: 'COMPILED', spec, target, labels, timeoutMs, concurrency };
  } catch (error) {
    return answerOf(error);
  }
}

function answerOf(error: unknown): CompileAnswer {
  if (error instanceof PipelineError) {
    return { kind: 'INVALID', message: error.message, problems: error.problems };
  }
  if (error instanceof DomainError && error.code === ErrorCode.TOO_LARGE) {
    return { kind: 'TOO_LARGE', message: error.message };
  }
  throw error;
}

function reasonOf(outcome: { readonly reason: string; readonly skipped: readonly SkippedStep[] }): string {
  const steps = outcome.skipped.map(({ step, reason }) => `${step}: ${reason}`);
  return cut([outcome.reason, ...steps].join('; '), REASON_LENGTH);
}
