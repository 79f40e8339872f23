import { limits } from '../limits.js';
import type { PipelineStep } from '../pipeline.js';
import { readStep, type StepContext } from './read-step.js';
import { readItems } from './read-values.js';
import { refuse, refuseMissing, type Field } from './reading.js';

/** The steps under `steps` of a file or stage; their names are unique there. */
export function readSteps(
  field: Field | undefined,
  parent: Field,
  context: Omit<StepContext, 'names'>,
): readonly PipelineStep[] {
  const { reading } = context;
  const expected = 'a list of at least one step';
  const items = field?.node.kind === 'list' ? readItems(field) : [];
  if (field === undefined) refuseMissing(parent, 'steps', expected, reading);
  else if (items.length === 0) refuse(field, expected, reading);
  else if (items.length > limits.steps) refuse(field, `at most ${limits.steps} steps`, reading);
  if (items.length > limits.steps) return [];
  const names = new Set<string>();
  return items.map((step) => readStep(step, { ...context, names }));
}
