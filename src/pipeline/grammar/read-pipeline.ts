import { Dialect, type Pipeline } from '../pipeline.js';
import type { PipelineProblem } from '../problems.js';
import { metadataKeys, pipelineKeys } from './keys.js';
import { readConcurrency } from './read-concurrency.js';
import { readEnvironment } from './read-environment.js';
import { readMap, type Fields } from './read-map.js';
import { readDurationMs } from './read-numbers.js';
import { readSecrets } from './read-secrets.js';
import { readServices } from './read-services.js';
import { readStages } from './read-stages.js';
import type { StepContext } from './read-step.js';
import { readSteps } from './read-steps.js';
import { readTemplates } from './read-templates.js';
import { readChoice, readFlag, readSome } from './read-values.js';
import { readWorker } from './read-worker.js';
import { obstruct, refuse, type Field, type Reading } from './reading.js';

/** What `metadata.environment` may name. */
const SHARERS = ['steps', 'services', 'secrets'] as const;

/** The whole file. What it returns is good only if nothing was refused. */
export function readPipeline(root: Field, reading: Reading): Omit<Pipeline, 'warnings'> {
  if (root.node.kind !== 'map') refuse(root, 'a mapping with "steps"', reading);
  const fields = root.node.kind === 'map' ? readMap(root, pipelineKeys, reading) : new Map<string, Field>();
  const version = fields.get('version');
  if (version !== undefined) readChoice(version, ['1'], reading);
  const timeout = fields.get('timeout');
  const { secrets, obstacles } = readSecrets(fields.get('secrets'), reading);
  const templates = readTemplates(fields.get('templates'), reading);
  const context = { reading, templates, secrets: secrets.map(({ name }) => name) };
  const content = {
    version: '1' as const,
    ...readMetadata(fields.get('metadata'), reading),
    environment: readEnvironment(fields.get('environment'), reading),
    worker: readWorker(fields.get('worker'), reading),
    timeoutMs: timeout === undefined ? null : readDurationMs(timeout, reading),
    concurrency: readConcurrency(fields.get('concurrency'), reading),
    secrets,
    services: readServices(fields.get('services'), reading),
    ...readWork(root, fields, context),
  };
  return withOurClone({ ...content, obstacles: [...obstacles, ...content.obstacles] });
}

function readMetadata(
  field: Field | undefined,
  reading: Reading,
): Pick<Pipeline, 'clone' | 'sharesEnvironment'> {
  const fields = field === undefined ? new Map<string, Field>() : readMap(field, metadataKeys, reading);
  const clone = fields.get('clone');
  const environment = fields.get('environment');
  const read = (item: Field): string | null => readChoice(item, SHARERS, reading);
  const expected = `one or more of ${SHARERS.join(', ')}`;
  const sharers = environment === undefined ? SHARERS : readSome(environment, reading, { expected, read });
  return {
    clone: clone === undefined || readFlag(clone, reading) !== false,
    sharesEnvironment: sharers.includes('steps'),
  };
}

type Work = Pick<Pipeline, 'stages' | 'steps' | 'templates' | 'obstacles'>;

/** Steps or stages, not both; a file of Vela's may leave both to its templates. */
function readWork(
  root: Field,
  fields: Fields,
  context: Omit<StepContext, 'names' | 'stage' | 'environment'>,
): Work {
  const { reading } = context;
  const [steps, stages] = [fields.get('steps'), fields.get('stages')];
  if (steps !== undefined && stages !== undefined) {
    const { keyAt: at, key } = stages;
    reading.log.refuse({ at, key, value: 'stages', expected: 'either "steps" or "stages", not both' });
  }
  if (stages !== undefined) return { ...readStages(stages, context), templates: [], obstacles: [] };
  if (steps === undefined && context.templates.length > 0) {
    const obstacles = templateObstacles(fields.get('templates'), reading);
    return { stages: null, steps: [], templates: context.templates, obstacles };
  }
  const alone = { ...context, stage: null, environment: {} };
  return { stages: null, steps: readSteps(steps, root, alone), templates: [], obstacles: [] };
}

function templateObstacles(field: Field | undefined, reading: Reading): readonly PipelineProblem[] {
  if (field === undefined || reading.dialect === Dialect.SLIPWAY) return [];
  const expected = 'steps or stages of its own';
  return obstruct({ at: field.keyAt, key: field.key, value: 'templates', expected }, reading);
}

/** A file of Vela's that clones by a step of its own still wants the clone. */
function withOurClone(pipeline: Omit<Pipeline, 'warnings'>): Omit<Pipeline, 'warnings'> {
  const steps = pipeline.steps.filter(({ name }) => name !== 'clone');
  return { ...pipeline, steps, clone: pipeline.clone || steps.length < pipeline.steps.length };
}
