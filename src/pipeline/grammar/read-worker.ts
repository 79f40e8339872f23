import { limits } from '../limits.js';
import type { WorkerRequirements } from '../pipeline.js';
import { workerKeys } from './keys.js';
import { readEntries, readMap } from './read-map.js';
import { readName } from './read-values.js';
import type { Field, Reading } from './reading.js';

/** What the worker must be. Vela's `flavor` and `platform` are labels of these names. */
export function readWorker(field: Field | undefined, reading: Reading): WorkerRequirements {
  if (field === undefined) return { target: null, labels: {} };
  const fields = readMap(field, workerKeys, reading);
  const target = fields.get('target');
  const labels = fields.get('labels');
  const given = new Map(labels === undefined ? [] : readEntries(labels, reading));
  for (const key of ['flavor', 'platform']) addLabel(given, key, fields.get(key), reading);
  return {
    target: target === undefined ? null : readName(target, limits.nameLength, reading),
    labels: readLabels(given, reading),
  };
}

function addLabel(labels: Map<string, Field>, key: string, field: Field | undefined, reading: Reading): void {
  if (field === undefined) return;
  if (!labels.has(key)) labels.set(key, field);
  else {
    const expected = `"${key}" here or under "labels", not both`;
    reading.log.refuse({ at: field.keyAt, key: field.key, value: key, expected });
  }
}

function readLabels(fields: ReadonlyMap<string, Field>, reading: Reading): Readonly<Record<string, string>> {
  const labels: [string, string][] = [];
  for (const [name, field] of fields) {
    const isName = /^[A-Za-z0-9][\w./-]{0,62}$/.test(name);
    const value = readName(field, limits.nameLength, reading);
    const expected = 'a label name of up to 63 letters, digits and ._/-';
    if (!isName) reading.log.refuse({ at: field.keyAt, key: field.key, value: name, expected });
    else if (value !== null) labels.push([name, value]);
  }
  return Object.fromEntries(labels.sort(([a], [b]) => (a < b ? -1 : 1)));
}
