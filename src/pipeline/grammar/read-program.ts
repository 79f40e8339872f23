import { limits } from '../limits.js';
import { Dialect } from '../pipeline.js';
import { readItems, readName, readSome, readText } from './read-values.js';
import { refuse, type Field, type Reading } from './reading.js';

/** Lines of a shell script; none where there is no such key. */
export function readCommands(field: Field | undefined, reading: Reading): readonly string[] {
  if (field === undefined) return [];
  const expected = 'at least one command';
  return readSome(field, reading, { expected, read: (item) => readCommand(item, reading) });
}

function readCommand(item: Field, reading: Reading): string | null {
  const text = readText(item, reading, 'a command (a text; quote it when it has ": ")');
  if (text === null || text.trim() !== '') return text;
  refuse(item, 'a command that is not empty', reading);
  return null;
}

/** Program and words. A single text with blanks would be one program of that name, which nobody means. */
export function readEntrypoint(field: Field | undefined, reading: Reading): readonly string[] {
  if (field === undefined) return [];
  const expected = `a program and its words as a list of at most ${limits.words}, such as [bash, -e]`;
  const items = readItems(field);
  const isOneText = field.node.kind === 'scalar' && reading.dialect === Dialect.SLIPWAY;
  const isRefused = items.length > limits.words || (isOneText && /\s/.test(textOf(field)));
  if (isRefused) refuse(field, expected, reading);
  return isRefused ? [] : readSome(field, reading, { expected, read: (item) => readText(item, reading) });
}

function textOf({ node }: Field): string {
  return node.kind === 'scalar' ? node.text : '';
}

/** A container image; which worker uses it, and which ignores it, is said by the worker's driver. */
export function readImage(field: Field | undefined, reading: Reading): string | null {
  return field === undefined ? null : readName(field, 500, reading);
}
