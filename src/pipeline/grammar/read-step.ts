import { limits } from '../limits.js';
import { Dialect, type Environment, type PipelineStep } from '../pipeline.js';
import type { PipelineProblem } from '../problems.js';
import { stepKeys, stepTemplateKeys } from './keys.js';
import { readEnvironment } from './read-environment.js';
import { readMap, type Fields } from './read-map.js';
import { readDurationMs } from './read-numbers.js';
import { readParameters } from './read-parameters.js';
import { readCommands, readEntrypoint, readImage } from './read-program.js';
import { readArtifacts, readWorkingDirectory } from './read-paths.js';
import { readRetry } from './read-retry.js';
import { readRuleset } from './read-ruleset.js';
import { readStepSecrets } from './read-step-secrets.js';
import { readFlag, readName } from './read-values.js';
import { hasKey, obstruct, refuse, refuseMissing, type Field, type Reading } from './reading.js';

/** What the reader of a step knows of the rest of the file. */
export interface StepContext {
  readonly reading: Reading;
  /** Names of the secrets and templates that the file declares. */
  readonly secrets: readonly string[];
  readonly templates: readonly string[];
  /** The stage that it is in, with the stage's own variables. */
  readonly stage: string | null;
  readonly environment: Environment;
  /** Names that are taken; the step's is added. */
  readonly names: Set<string>;
}

/** Steps that every build has before those of its file. */
const CLONE = 'clone';
const RESERVED = ['init', CLONE];

/** One step of a file. */
export function readStep(step: Field, context: StepContext): PipelineStep {
  const { reading } = context;
  const fields = readMap(step, stepKeys, reading);
  const timeout = fields.get('timeout');
  const content = {
    name: readStepName(step, fields, context),
    stage: context.stage,
    image: readImage(fields.get('image'), reading),
    entrypoint: readEntrypoint(fields.get('entrypoint'), reading),
    commands: readCommands(fields.get('commands'), reading),
    workingDirectory: readWorkingDirectory(fields.get('working_directory'), reading),
    timeoutMs: timeout === undefined ? null : readDurationMs(timeout, reading),
    retry: readRetry(fields.get('retry'), reading),
    secrets: readStepSecrets(fields.get('secrets'), { declared: context.secrets, reading }),
    artifacts: readArtifacts(fields.get('artifacts'), reading),
    environment: readVariables(fields, context),
    ruleset: readRuleset(fields.get('ruleset'), reading),
    template: readTemplate(fields.get('template'), context),
  };
  const isReplaced = content.name === CLONE;
  return { ...content, obstacles: isReplaced ? [] : findObstacles(step, fields, reading) };
}

/** Vela's files may replace the clone by a step of that name; Slipway's own runs in its place. */
function readStepName(step: Field, fields: Fields, { names, reading }: StepContext): string {
  const field = fields.get('name');
  if (field === undefined) {
    refuseMissing(step, 'name', 'a name', reading);
    return '';
  }
  const name = readName(field, limits.nameLength, reading);
  if (name === null) return '';
  if (name === CLONE && reading.dialect === Dialect.VELA) {
    const text = 'Slipway clones by itself; this step is not run';
    reading.log.warn({ at: field.node.at, key: field.key, text });
  } else if (RESERVED.includes(name)) {
    refuse(field, `a name other than ${RESERVED.join(' and ')}`, reading);
  } else if (names.has(name)) refuse(field, 'a name that no other step has', reading);
  names.add(name);
  return name;
}

/** Parameters win; in our files the step's own variables may not say the same a second time. */
function readVariables(fields: Fields, { environment, reading }: StepContext): Environment {
  const own = readEnvironment(fields.get('environment'), reading);
  const field = fields.get('parameters');
  const parameters = readParameters(field, reading);
  const doubled = Object.keys(parameters).find((name) => Object.hasOwn(own, name));
  if (doubled !== undefined && field !== undefined && reading.dialect === Dialect.SLIPWAY) {
    refuse(field, `parameters that "environment" does not set too (${doubled})`, reading);
  }
  return { ...environment, ...own, ...parameters };
}

function readTemplate(field: Field | undefined, { templates, reading }: StepContext): string | null {
  if (field === undefined) return null;
  const name = readMap(field, stepTemplateKeys, reading).get('name');
  if (name === undefined) refuseMissing(field, 'name', 'the name of a template', reading);
  const text = name && readName(name, limits.nameLength, reading);
  if (name === undefined || text === undefined || text === null) return null;
  const expected = `a template of the file${reading.suggestions.didYouMean(text, templates)}`;
  if (!templates.includes(text)) refuse(name, expected, reading);
  return text;
}

/** Only Vela's files get as far as having any: in ours, the same is refused. */
function findObstacles(step: Field, fields: Fields, reading: Reading): readonly PipelineProblem[] {
  const template = fields.get('template');
  const detach = fields.get('detach');
  const isDetached = detach !== undefined && readFlag(detach, reading) !== false;
  return [
    ...(template === undefined ? [] : keyObstacle(template, 'template', reading)),
    ...(isDetached ? keyObstacle(detach, 'detach', reading) : []),
    ...programObstacles(step, reading),
  ];
}

function keyObstacle({ keyAt: at, key }: Field, value: string, reading: Reading): readonly PipelineProblem[] {
  const expected = `a step without "${value}", which is known but not supported yet`;
  return obstruct({ at, key, value, expected }, reading);
}

/** A step of an image alone runs what the image says; nobody but the container driver can. */
function programObstacles(step: Field, reading: Reading): readonly PipelineProblem[] {
  if (step.node.kind !== 'map' || ['commands', 'entrypoint', 'template'].some((key) => hasKey(step, key)))
    return [];
  const expected = 'at least one command';
  const key = `${step.key}.commands`;
  if (reading.dialect === Dialect.VELA && hasKey(step, 'image')) {
    return obstruct({ at: step.node.at, key, value: 'image', expected }, reading);
  }
  refuseMissing(step, 'commands', expected, reading);
  return [];
}
