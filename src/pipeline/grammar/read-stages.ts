import type { CompiledStage } from '../compiled.js';
import { limits } from '../limits.js';
import { Dialect, type PipelineStep } from '../pipeline.js';
import { checkNeeds, type DeclaredStage } from './check-needs.js';
import { stageKeys } from './keys.js';
import { readEnvironment } from './read-environment.js';
import { readEntries, readMap } from './read-map.js';
import type { StepContext } from './read-step.js';
import { readSteps } from './read-steps.js';
import { readFlag, readList, readName, readText } from './read-values.js';
import { describe, refuse, type Field, type Reading } from './reading.js';

/** The stages of a file and their steps, both in its order. */
export interface StagedSteps {
  readonly stages: readonly CompiledStage[];
  readonly steps: readonly PipelineStep[];
}

/** The top-level `stages`. */
export function readStages(
  field: Field,
  context: Omit<StepContext, 'names' | 'stage' | 'environment'>,
): StagedSteps {
  const { reading } = context;
  const declared = readEntries(field, reading);
  if (declared.size === 0) refuse(field, 'a mapping of at least one stage', reading);
  if (declared.size > limits.stages) {
    refuse(field, `at most ${limits.stages} stages`, reading);
    return { stages: [], steps: [] };
  }
  const entries = [...declared].filter(([name, child]) => isStageName(name, child, reading));
  const read = entries.map(([name, child]) => readStage({ name, field: child }, context));
  const steps = read.flatMap((stage) => stage.steps);
  if (steps.length > limits.steps) refuse(field, `at most ${limits.steps} steps`, reading);
  checkNeeds(
    read.map(({ declared }) => declared),
    reading,
  );
  return { stages: read.map(({ stage }) => stage), steps };
}

interface ReadStage {
  readonly stage: CompiledStage;
  readonly declared: DeclaredStage;
  readonly steps: readonly PipelineStep[];
}

function readStage(
  { name, field }: { readonly name: string; readonly field: Field },
  context: Omit<StepContext, 'names' | 'stage' | 'environment'>,
): ReadStage {
  const { reading } = context;
  const fields = readMap(field, stageKeys, reading);
  const needs = readNeeds(fields.get('needs'), reading);
  const independent = fields.get('independent');
  const environment = readEnvironment(fields.get('environment'), reading);
  return {
    stage: {
      name,
      needs: [...new Set(needs.map((need) => need.name))],
      independent: independent !== undefined && readFlag(independent, reading) === true,
    },
    declared: { name, field, needs },
    steps: readSteps(fields.get('steps'), field, { ...context, stage: name, environment }),
  };
}

/** Vela's files may replace the stage that clones; Slipway's own clone comes before all stages. */
function isStageName(name: string, field: Field, reading: Reading): boolean {
  if (name === 'clone' && reading.dialect === Dialect.VELA) {
    const text = 'Slipway clones by itself; this stage is not run';
    reading.log.warn({ at: field.keyAt, key: field.key, text });
    return false;
  }
  const node = { kind: 'scalar', type: 'string', text: name, at: field.keyAt } as const;
  return readName({ ...field, node }, limits.nameLength, reading) !== null;
}

/** In Vela's files every stage may need `clone`, which all have behind them when they begin. */
function readNeeds(field: Field | undefined, reading: Reading): DeclaredStage['needs'] {
  if (field === undefined) return [];
  const isList = field.node.kind === 'list' || describe(field.node) === 'nothing';
  const items = isList ? readList(field, { max: limits.stages, what: 'stages' }, reading) : [field];
  return items.flatMap((item) => {
    const name = readText(item, reading, 'the name of a stage');
    const isCloned = name === 'clone' && reading.dialect === Dialect.VELA;
    return name === null || isCloned ? [] : [{ name, field: item }];
  });
}
