import { limits } from '../limits.js';
import { Dialect, type Environment } from '../pipeline.js';
import { readEntries } from './read-map.js';
import { readItems } from './read-values.js';
import { describe, refuse, type Field, type Reading } from './reading.js';

const NAME = /^[A-Za-z_][A-Za-z0-9_]*$/;

/**
 * Environment variables as a mapping, or as a list of `NAME=value`. Values become texts as YAML wrote them; null is
 * the empty text. Sorted by name.
 */
export function readEnvironment(field: Field | undefined, reading: Reading): Environment {
  if (field === undefined) return {};
  const pairs = field.node.kind === 'list' ? readAssignments(field, reading) : readVariables(field, reading);
  return Object.fromEntries([...pairs].sort(([a], [b]) => (a < b ? -1 : 1)));
}

function readVariables(field: Field, reading: Reading): Map<string, string> {
  const variables = new Map<string, string>();
  for (const [name, child] of readEntries(field, reading)) {
    if (!isVariableName(name)) refuseName(child, name, reading);
    else if (child.node.kind === 'scalar')
      addVariable(variables, { name, value: child.node.text, field: child }, reading);
    else refuse(child, 'a text, number, true, false or nothing', reading);
  }
  return variables;
}

function readAssignments(field: Field, reading: Reading): Map<string, string> {
  const variables = new Map<string, string>();
  for (const item of readItems(field)) {
    const text = item.node.kind === 'scalar' ? item.node.text : '';
    const equals = text.indexOf('=');
    const name = text.slice(0, Math.max(equals, 0));
    if (!isVariableName(name)) refuse(item, 'NAME=value', reading);
    else if (variables.has(name)) refuse(item, `${name} once`, reading);
    else addVariable(variables, { name, value: text.slice(equals + 1), field: item }, reading);
  }
  return variables;
}

/** Adds a variable that a process can be given; refuses one that is too long for any. */
export function addVariable(
  variables: Map<string, string>,
  { name, value, field }: { readonly name: string; readonly value: string; readonly field: Field },
  reading: Reading,
): void {
  if (reading.dialect === Dialect.VELA && value.includes('${')) {
    const text = 'Vela replaces ${…} here, Slipway leaves it as it is';
    reading.log.warn({ at: field.node.at, key: field.key, text });
  }
  const bytes = Buffer.byteLength(`${name}=${value}`);
  if (bytes <= limits.variableBytes) variables.set(name, value);
  else refuse(field, `at most ${limits.variableBytes} bytes for name and value (it has ${bytes})`, reading);
}

/** True for the name of a variable that a shell can use. */
export function isVariableName(name: string): boolean {
  return NAME.test(name);
}

function refuseName(child: Field, name: string, reading: Reading): void {
  const expected = 'a name of letters, digits and _ that does not begin with a digit';
  const value = name === '' ? describe(child.node) : name;
  reading.log.refuse({ at: child.keyAt, key: child.key, value, expected });
}
