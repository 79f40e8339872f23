import { limits } from '../limits.js';
import type { Environment } from '../pipeline.js';
import type { SourceNode } from '../source/source-tree.js';
import { addVariable } from './read-environment.js';
import { readEntries } from './read-map.js';
import { refuse, type Field, type Reading } from './reading.js';

/**
 * A step's parameters as the variables that carry them: `PARAMETER_<NAME>` in capitals, `-` and `.` as `_`. Plain
 * values as YAML wrote them, lists of plain values joined by commas, everything else as JSON.
 */
export function readParameters(field: Field | undefined, reading: Reading): Environment {
  if (field === undefined) return {};
  const variables = new Map<string, string>();
  const entries = readEntries(field, reading);
  if (entries.size > limits.parameters) refuse(field, `at most ${limits.parameters} parameters`, reading);
  else for (const [name, child] of entries) readParameter(variables, { name, child, reading });
  return Object.fromEntries(variables);
}

function readParameter(
  variables: Map<string, string>,
  { name, child, reading }: { readonly name: string; readonly child: Field; readonly reading: Reading },
): void {
  const variable = `PARAMETER_${name.toUpperCase().replace(/[.-]/g, '_')}`;
  const { keyAt: at, key } = child;
  if (!/^[A-Za-z0-9_.-]+$/.test(name)) {
    const expected = 'a name of letters, digits and _.-';
    reading.log.refuse({ at, key, value: name, expected });
  } else if (variables.has(variable)) {
    reading.log.refuse({ at, key, value: name, expected: `${variable} once` });
  } else addVariable(variables, { name: variable, value: valueOf(child.node), field: child }, reading);
}

function valueOf(node: SourceNode): string {
  if (node.kind === 'scalar') return node.text;
  const items = node.kind === 'list' ? node.items : [];
  const texts = items.flatMap((item) => (item.kind === 'scalar' ? [item.text] : []));
  return node.kind === 'list' && texts.length === items.length ? texts.join(',') : jsonOf(node);
}

/** Written by hand, so that numbers keep all their digits. Keys are sorted: the same file order or not, the same text. */
function jsonOf(node: SourceNode): string {
  if (node.kind === 'list') return `[${node.items.map(jsonOf).join(',')}]`;
  if (node.kind === 'map') {
    const entries = node.entries.toSorted((a, b) => (a.key < b.key ? -1 : 1));
    return `{${entries.map(({ key, value }) => `${JSON.stringify(key)}:${jsonOf(value)}`).join(',')}}`;
  }
  if (node.type === 'null') return 'null';
  if (node.type === 'boolean') return node.text.toLowerCase();
  const isJsonNumber =
    node.type === 'number' && /^-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?$/.test(node.text);
  return isJsonNumber ? node.text : JSON.stringify(node.text);
}
