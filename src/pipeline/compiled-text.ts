import { ValidationError } from '../base/errors.js';
import type {
  CompiledConcurrency,
  CompiledPipeline,
  CompiledSecret,
  CompiledStage,
  CompiledStep,
  SkippedStep,
  StepRetry,
  StepSecret,
} from './compiled.js';
import { buildStatuses, type BuildStatus } from './rules/facts.js';
import { at, listOf, recordOf, textOf, textsOf, type Place } from './compiled-shape.js';

/** JSON with a fixed order of keys: equal pipelines give equal bytes. */
export function serialiseCompiled(compiled: CompiledPipeline): string {
  return JSON.stringify(readCompiled(compiled));
}

/** The pipeline in a text that nobody vouches for. Throws a ValidationError that names the first bad field. */
export function parseCompiled(text: string): CompiledPipeline {
  try {
    return readCompiled(JSON.parse(text) as unknown);
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error;
    throw ValidationError.of('pipeline', text, 'JSON');
  }
}

/**
 * A checked copy of a value that should be a compiled pipeline, with its keys in their order; unknown keys are left
 * behind. Throws a ValidationError that names the first bad field.
 */
export function readCompiled(value: unknown): CompiledPipeline {
  const root: Place = { field: 'pipeline', value };
  const version = at(root, 'version');
  if (version.value !== '1') throw ValidationError.of(version.field, version.value ?? null, '"1"');
  return {
    version: '1',
    clone: flagOf(at(root, 'clone')),
    ...optional('target', at(root, 'target'), textOf),
    labels: recordOf(at(root, 'labels')),
    environment: recordOf(at(root, 'environment')),
    steps: listOf(at(root, 'steps')).map(stepOf),
    ...optional('stages', at(root, 'stages'), (place) => listOf(place).map(stageOf)),
    ...optional('secrets', at(root, 'secrets'), (place) => listOf(place).map(secretOf)),
    ...optional('timeoutMs', at(root, 'timeoutMs'), countOf),
    ...optional('concurrency', at(root, 'concurrency'), concurrencyOf),
    skipped: listOf(at(root, 'skipped')).map(skippedOf),
    warnings: textsOf(at(root, 'warnings')),
  };
}

function stepOf(place: Place, index: number): CompiledStep {
  const number = at(place, 'number');
  if (number.value !== index + 1)
    throw ValidationError.of(number.field, number.value ?? null, `${index + 1}`);
  const ruleset = at(place, 'ruleset');
  return {
    number: index + 1,
    name: textOf(at(place, 'name')),
    ...optional('stage', at(place, 'stage'), textOf),
    ...optional('image', at(place, 'image'), textOf),
    ...optional('entrypoint', at(place, 'entrypoint'), textsOf),
    commands: textsOf(at(place, 'commands')),
    ...optional('workingDirectory', at(place, 'workingDirectory'), textOf),
    ...optional('timeoutMs', at(place, 'timeoutMs'), countOf),
    ...optional('retry', at(place, 'retry'), retryOf),
    ...optional('secrets', at(place, 'secrets'), (secrets) => listOf(secrets).map(stepSecretOf)),
    ...optional('artifacts', at(place, 'artifacts'), textsOf),
    environment: recordOf(at(place, 'environment')),
    ruleset: {
      ...optional('status', at(ruleset, 'status'), statusesOf),
      continue: flagOf(at(ruleset, 'continue')),
    },
  };
}

function retryOf(place: Place): StepRetry {
  return {
    max: countOf(at(place, 'max')),
    infrastructure: flagOf(at(place, 'infrastructure')),
    ...optional('exitCodes', at(place, 'exitCodes'), (codes) => listOf(codes).map(countOf)),
  };
}

function stepSecretOf(place: Place): StepSecret {
  return { name: textOf(at(place, 'name')), variable: textOf(at(place, 'variable')) };
}

function stageOf(place: Place): CompiledStage {
  return {
    name: textOf(at(place, 'name')),
    needs: textsOf(at(place, 'needs')),
    independent: flagOf(at(place, 'independent')),
  };
}

function secretOf(place: Place): CompiledSecret {
  return {
    name: textOf(at(place, 'name')),
    type: oneOf(at(place, 'type'), ['repo', 'org', 'shared']),
    key: textOf(at(place, 'key')),
  };
}

function concurrencyOf(place: Place): CompiledConcurrency {
  return {
    group: textOf(at(place, 'group')),
    limit: countOf(at(place, 'limit')),
    strategy: oneOf(at(place, 'strategy'), ['queue', 'cancel_in_progress', 'cancel_queued_keep_newest']),
  };
}

function oneOf<const T extends string>({ field, value }: Place, choices: readonly T[]): T {
  const choice = choices.find((candidate) => candidate === value);
  if (choice === undefined) throw ValidationError.of(field, value ?? null, choices.join(', '));
  return choice;
}

function countOf({ field, value }: Place): number {
  if (Number.isSafeInteger(value) && (value as number) >= 0) return value as number;
  throw ValidationError.of(field, value ?? null, 'a whole number that is not negative');
}

function skippedOf(place: Place): SkippedStep {
  return { step: textOf(at(place, 'step')), reason: textOf(at(place, 'reason')) };
}

function statusesOf(place: Place): readonly BuildStatus[] {
  return listOf(place).map((item) => oneOf(item, buildStatuses));
}

function flagOf({ field, value }: Place): boolean {
  if (typeof value !== 'boolean') throw ValidationError.of(field, value ?? null, 'true or false');
  return value;
}

function optional<K extends string, T>(
  key: K,
  place: Place,
  read: (place: Place) => T,
): Partial<Record<K, T>> {
  if (place.value === undefined) return {};
  return { [key]: read(place) } as Partial<Record<K, T>>;
}
