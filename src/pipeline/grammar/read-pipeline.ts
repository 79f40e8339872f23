import type { Pipeline } from '../pipeline.js';
import { metadataKeys, pipelineKeys } from './keys.js';
import { readEnvironment } from './read-environment.js';
import { readMap } from './read-map.js';
import { readSteps } from './read-steps.js';
import { readChoice, readFlag, readSome } from './read-values.js';
import { readWorker } from './read-worker.js';
import { refuse, type Field, type Reading } from './reading.js';

/** What `metadata.environment` may name. */
const SHARERS = ['steps', 'services', 'secrets'] as const;

/** The whole file. What it returns is good only if nothing was refused. */
export function readPipeline(root: Field, reading: Reading): Omit<Pipeline, 'warnings'> {
  if (root.node.kind !== 'map') refuse(root, 'a mapping with "steps"', reading);
  const fields = root.node.kind === 'map' ? readMap(root, pipelineKeys, reading) : new Map<string, Field>();
  const version = fields.get('version');
  if (version !== undefined) readChoice(version, ['1'], reading);
  return {
    version: '1',
    ...readMetadata(fields.get('metadata'), reading),
    environment: readEnvironment(fields.get('environment'), reading),
    worker: readWorker(fields.get('worker'), reading),
    steps: root.node.kind === 'map' ? readSteps(fields.get('steps'), root, reading) : [],
  };
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
