import {
  compilePipeline,
  explainPipeline,
  type CompiledPipeline,
  type CompiledStep,
  type CompileOutcome,
  type Pipeline,
  type RuleFacts,
  type SkippedStep,
  type StepExplanation,
} from '../../pipeline/index.js';

/** A step as programs get it. Their names and meanings are a contract: fields may be added, never changed. */
export interface StepRecord {
  readonly name: string;
  readonly stage: string | null;
  readonly image: string | null;
  readonly commands: readonly string[];
  readonly environment: Readonly<Record<string, string>>;
  readonly secrets: readonly { readonly source: string; readonly target: string }[];
  readonly ruleset: CompiledStep['ruleset'];
  readonly entrypoint: readonly string[];
  readonly workingDirectory: string | null;
  readonly timeoutMs: number | null;
  readonly retry: CompiledStep['retry'] | null;
  readonly artifacts: readonly string[];
}

/** Why a step of the file is in or out, rule by rule. */
export interface ExplanationRecord {
  readonly step: string;
  readonly stage: string | null;
  readonly runs: boolean;
  readonly reason: string;
  readonly rules: StepExplanation['why'];
}

/** What `pipeline compile` prints. */
export interface CompiledRecord {
  readonly version: string;
  readonly target: string | null;
  readonly labels: Readonly<Record<string, string>>;
  readonly services: readonly object[];
  readonly steps: readonly StepRecord[];
  readonly stages: readonly { readonly name: string; readonly needs: readonly string[] }[];
  readonly secrets: readonly string[];
  /** True: no step is left, and there would be no build. */
  readonly skipped: boolean;
  readonly reason: string | null;
  /** The steps of the file that the rules left out. */
  readonly skippedSteps: readonly SkippedStep[];
  readonly warnings: readonly string[];
  readonly unresolvedTemplates: readonly string[];
  readonly timeoutMs: number | null;
  readonly concurrency: CompiledPipeline['concurrency'] | null;
  readonly explain?: readonly ExplanationRecord[];
}

/** Compiles for a change and puts the answer into the contract's form. Throws what the compiler throws. */
export function compileRecord(
  pipeline: Pipeline,
  facts: RuleFacts,
  { explain }: { readonly explain: boolean },
): CompiledRecord {
  const outcome = compilePipeline(pipeline, facts);
  const compiled = outcome.kind === 'COMPILED' ? outcome.pipeline : null;
  return {
    version: pipeline.version,
    target: pipeline.worker.target,
    labels: pipeline.worker.labels,
    services: servicesOf(outcome),
    steps: (compiled?.steps ?? []).map(stepRecord),
    stages: (compiled?.stages ?? []).map(({ name, needs, independent }) => ({ name, needs, independent })),
    secrets: (compiled?.secrets ?? []).map(({ name }) => name),
    skipped: outcome.kind === 'SKIPPED',
    reason: outcome.kind === 'SKIPPED' ? outcome.reason : null,
    skippedSteps: outcome.kind === 'SKIPPED' ? outcome.skipped : outcome.pipeline.skipped,
    warnings: pipeline.warnings,
    unresolvedTemplates: outcome.kind === 'COMPILED' ? outcome.unresolvedTemplates : [],
    timeoutMs: pipeline.timeoutMs,
    concurrency: pipeline.concurrency,
    ...(explain ? { explain: explainPipeline(pipeline, facts).map(explanationRecord) } : {}),
  };
}

function servicesOf(outcome: CompileOutcome): readonly object[] {
  if (outcome.kind === 'SKIPPED') return [];
  return outcome.services.map(({ name, image, entrypoint, environment, ports }) => ({
    name,
    image,
    entrypoint,
    environment,
    ports,
  }));
}

function stepRecord(step: CompiledStep): StepRecord {
  return {
    name: step.name,
    stage: step.stage ?? null,
    image: step.image ?? null,
    commands: step.commands,
    environment: step.environment,
    secrets: (step.secrets ?? []).map(({ name, variable }) => ({ source: name, target: variable })),
    ruleset: step.ruleset,
    entrypoint: step.entrypoint ?? [],
    workingDirectory: step.workingDirectory ?? null,
    timeoutMs: step.timeoutMs ?? null,
    retry: step.retry ?? null,
    artifacts: step.artifacts ?? [],
  };
}

function explanationRecord({ step, runs, reason, why }: StepExplanation): ExplanationRecord {
  return { step: step.name, stage: step.stage, runs, reason, rules: why };
}
