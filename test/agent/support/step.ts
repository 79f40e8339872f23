import type { CompiledStep } from '../../../src/pipeline/index.js';

/** A step of a compiled pipeline with these commands. */
export function stepOf(commands: readonly string[], rest: Partial<CompiledStep> = {}): CompiledStep {
  return { number: 1, name: 'step', commands, environment: {}, ruleset: { continue: false }, ...rest };
}
