import { ValidationError } from '../base/errors.js';
import { isStorable } from '../base/text.js';

/** A value of a compiled pipeline and the dotted name that errors call it by. */
export interface Place {
  readonly field: string;
  readonly value: unknown;
}

/** A member of an object; undefined when it has none of that name. Throws when `place` is no object. */
export function at(place: Place, key: string): Place {
  if (!isRecord(place.value)) throw ValidationError.of(place.field, place.value ?? null, 'an object');
  const value = Object.hasOwn(place.value, key) ? place.value[key] : undefined;
  return { field: `${place.field}.${key}`, value };
}

/** The items of a list. */
export function listOf({ field, value }: Place): Place[] {
  if (!Array.isArray(value)) throw ValidationError.of(field, value ?? null, 'a list');
  return value.map((item: unknown, index) => ({ field: `${field}[${index}]`, value: item }));
}

/** A text that a process can take: neither NUL nor half of a surrogate pair. */
export function textOf({ field, value }: Place): string {
  if (typeof value === 'string' && isStorable(value)) return value;
  throw ValidationError.of(field, value ?? null, 'a text without NUL and lone surrogates');
}

/** A list of texts. */
export function textsOf(place: Place): string[] {
  return listOf(place).map(textOf);
}

/** Texts by name, sorted by name. */
export function recordOf(place: Place): Record<string, string> {
  if (!isRecord(place.value)) throw ValidationError.of(place.field, place.value ?? null, 'an object');
  const names = Object.keys(place.value).sort();
  return Object.fromEntries(
    names.map((name) => [textOf({ field: place.field, value: name }), textOf(at(place, name))]),
  );
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
