import { ValidationError } from '../base/errors.js';
import type { CompiledPipeline, CompiledStep, SkippedStep } from './compiled.js';
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
    ...optional('image', at(place, 'image'), textOf),
    commands: textsOf(at(place, 'commands')),
    environment: recordOf(at(place, 'environment')),
    ruleset: {
      ...optional('status', at(ruleset, 'status'), statusesOf),
      continue: flagOf(at(ruleset, 'continue')),
    },
  };
}

function skippedOf(place: Place): SkippedStep {
  return { step: textOf(at(place, 'step')), reason: textOf(at(place, 'reason')) };
}

function statusesOf(place: Place): readonly BuildStatus[] {
  return listOf(place).map((item) => {
    const status = buildStatuses.find((candidate) => candidate === item.value);
    if (status === undefined) throw ValidationError.of(item.field, item.value, buildStatuses.join(' or '));
    return status;
  });
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
