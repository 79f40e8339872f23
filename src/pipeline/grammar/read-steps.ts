import { limits } from '../limits.js';
import type { PipelineStep } from '../pipeline.js';
import { stepKeys } from './keys.js';
import { readEnvironment } from './read-environment.js';
import { readMap, type Fields } from './read-map.js';
import { readRuleset } from './read-ruleset.js';
import { readItems, readName, readSome, readText } from './read-values.js';
import { refuse, type Field, type Reading } from './reading.js';

/** Steps that every build has before those of its file. */
const RESERVED = ['init', 'clone'];

/** The steps of a file; their names are unique. */
export function readSteps(field: Field | undefined, root: Field, reading: Reading): readonly PipelineStep[] {
  const steps = field?.node.kind === 'list' ? readItems(field) : [];
  if (steps.length === 0 || steps.length > limits.steps) {
    refuseSteps(field ?? root, steps.length, reading);
    return [];
  }
  const names = new Set<string>();
  return steps.map((step) => readStep(step, names, reading));
}

/** Without any `steps` the complaint stands at the file's first value. */
function refuseSteps(field: Field, count: number, reading: Reading): void {
  if (count > 0) return refuse(field, `at most ${limits.steps} steps`, reading);
  if (field.key !== '') return refuse(field, 'a list of at least one step', reading);
  reading.log.refuse({
    at: field.node.at,
    key: 'steps',
    value: 'nothing',
    expected: 'a list of at least one step',
  });
}

function readStep(step: Field, names: Set<string>, reading: Reading): PipelineStep {
  const fields = readMap(step, stepKeys, reading);
  return {
    name: readStepName(step, fields, { names, reading }),
    image: readImage(fields.get('image'), reading),
    commands: readCommands(step, fields, reading),
    environment: readEnvironment(fields.get('environment'), reading),
    ruleset: readRuleset(fields.get('ruleset'), reading),
  };
}

function readStepName(
  step: Field,
  fields: Fields,
  { names, reading }: { names: Set<string>; reading: Reading },
): string {
  const field = fields.get('name');
  if (field === undefined) {
    refuseMissing(step, 'name', 'a name', reading);
    return '';
  }
  const name = readName(field, limits.nameLength, reading);
  if (name === null) return '';
  if (RESERVED.includes(name)) refuse(field, `a name other than ${RESERVED.join(' and ')}`, reading);
  else if (names.has(name)) refuse(field, 'a name that no other step has', reading);
  names.add(name);
  return name;
}

function readCommands(step: Field, fields: Fields, reading: Reading): readonly string[] {
  const field = fields.get('commands');
  const expected = 'at least one command';
  if (field === undefined) {
    refuseMissing(step, 'commands', expected, reading);
    return [];
  }
  return readSome(field, reading, { expected, read: (item) => readCommand(item, reading) });
}

function readCommand(item: Field, reading: Reading): string | null {
  const text = readText(item, reading, 'a command (a text; quote it when it has ": ")');
  if (text === null || text.trim() !== '') return text;
  refuse(item, 'a command that is not empty', reading);
  return null;
}

function readImage(field: Field | undefined, reading: Reading): string | null {
  if (field === undefined) return null;
  const image = readName(field, 500, reading);
  const text = 'the process driver runs on the worker itself; the image is not used';
  if (image !== null) reading.log.warn({ at: field.node.at, key: field.key, text });
  return image;
}

function refuseMissing(step: Field, name: string, expected: string, reading: Reading): void {
  if (step.node.kind !== 'map') return;
  reading.log.refuse({ at: step.node.at, key: `${step.key}.${name}`, value: 'nothing', expected });
}
