export type {
  CompiledConcurrency,
  CompiledPipeline,
  CompiledSecret,
  CompiledStage,
  CompiledStep,
  SkippedStep,
  StepRetry,
  StepSecret,
} from './compiled.js';
export { parseCompiled, readCompiled, serialiseCompiled } from './compiled-text.js';
export { compilePipeline, type CompileOutcome } from './compile-pipeline.js';
export { explainPipeline, type StepExplanation } from './explain-pipeline.js';
export { parsePipeline, dialectOf, type PipelineSource } from './parse-pipeline.js';
export { Dialect, type Pipeline, type PipelineStep, type WorkerRequirements } from './pipeline.js';
export { PipelineError, type PipelineProblem } from './problems.js';
export { eventNames, knownEventNames } from './rules/events.js';
export { BuildStatus, type RuleFacts, type RuleKey } from './rules/facts.js';
export { Matcher, PatternCompiler } from './rules/pattern.js';
export {
  judgeRuleset,
  runsAtStatus,
  type RuleJudgement,
  type RulesetVerdict,
} from './rules/judge-ruleset.js';
export type { Ruleset } from './rules/ruleset.js';
