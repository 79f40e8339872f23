import { Dialect } from '../pipeline.js';
import { refuse, type Field, type Reading } from './reading.js';

/** A scalar as YAML wrote it: `1.10` and `true` are texts here. Null, lists and mappings are refused. */
export function readText(field: Field, reading: Reading, expected = 'a text'): string | null {
  const { node } = field;
  if (node.kind === 'scalar' && node.type !== 'null') return node.text;
  refuse(field, expected, reading);
  return null;
}

/** A text that is shown to people and used as a name: one line, 1 to `length` characters, none invisible. */
export function readName(field: Field, length: number, reading: Reading): string | null {
  const expected = `1 to ${length} printable characters`;
  const text = readText(field, reading, expected);
  if (text === null) return null;
  if (text.length <= length && /^[^\p{C}\p{Z}](?:[^\p{C}\p{Zl}\p{Zp}]*[^\p{C}\p{Z}])?$/u.test(text))
    return text;
  refuse(field, expected, reading);
  return null;
}

/** `true` or `false`; in Vela's files also YAML 1.1's other words for them. */
export function readFlag(field: Field, reading: Reading): boolean | null {
  const { node } = field;
  const text = node.kind === 'scalar' && node.type !== 'null' ? node.text.toLowerCase() : '';
  if (node.kind === 'scalar' && node.type === 'boolean') return text === 'true';
  if (reading.dialect === Dialect.VELA && /^(?:yes|on|y)$/.test(text)) return true;
  if (reading.dialect === Dialect.VELA && /^(?:no|off|n)$/.test(text)) return false;
  refuse(field, 'true or false', reading);
  return null;
}

/** One of a few words. */
export function readChoice<T extends string>(
  field: Field,
  choices: readonly T[],
  reading: Reading,
): T | null {
  const expected = `one of ${choices.join(', ')}`;
  const text = readText(field, reading, expected);
  if (text === null) return null;
  const choice = choices.find((candidate) => candidate === text);
  if (choice === undefined) refuse(field, expected + reading.suggestions.didYouMean(text, choices), reading);
  return choice ?? null;
}

/** The items of a list, or the one value that stands for a list of itself. */
export function readItems(field: Field): readonly Field[] {
  const { key, node, keyAt } = field;
  if (node.kind !== 'list') return [field];
  return node.items.map((item, index) => ({ key: `${key}[${index}]`, keyAt, node: item }));
}

/** The items of a real list of at most `max`; nothing at all is an empty list. */
export function readList(
  field: Field | undefined,
  { max, what }: { readonly max: number; readonly what: string },
  reading: Reading,
): readonly Field[] {
  if (field === undefined) return [];
  const { node } = field;
  if (node.kind === 'list' && node.items.length <= max) return readItems(field);
  if (node.kind !== 'scalar' || node.type !== 'null')
    refuse(field, `a list of at most ${max} ${what}`, reading);
  return [];
}

/** At least one value, each read by `read`; a single value may stand without a list. */
export function readSome<T>(
  field: Field,
  reading: Reading,
  options: { readonly expected: string; readonly read: (item: Field) => T | null },
): readonly T[] {
  const { node } = field;
  const isEmpty =
    node.kind === 'list' ? node.items.length === 0 : node.kind === 'scalar' && node.type === 'null';
  if (isEmpty) refuse(field, options.expected, reading);
  if (isEmpty) return [];
  return readItems(field)
    .map(options.read)
    .filter((value) => value !== null);
}
