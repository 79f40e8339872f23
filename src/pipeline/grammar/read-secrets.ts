import type { CompiledSecret } from '../compiled.js';
import { limits } from '../limits.js';
import { Dialect, type PipelineSecret } from '../pipeline.js';
import type { PipelineProblem } from '../problems.js';
import { secretKeys } from './keys.js';
import { readMap } from './read-map.js';
import { readChoice, readList, readText } from './read-values.js';
import { hasKey, obstruct, refuse, refuseMissing, type Field, type Reading } from './reading.js';

const TYPES = ['repo', 'org', 'shared'] as const satisfies readonly CompiledSecret['type'][];

/** As the names of the stored secrets. */
const NAME = /^\w[\w.-]{0,99}$/;

/** An organisation or a repo, such as `.github`. */
const OWNER = /^(?!\.{1,2}$)[\w.-]{1,100}$/;

/** The secrets that a file declares, and what it has in the way of a build. */
export interface DeclaredSecrets {
  readonly secrets: readonly PipelineSecret[];
  readonly obstacles: readonly PipelineProblem[];
}

/** The top-level `secrets`. */
export function readSecrets(field: Field | undefined, reading: Reading): DeclaredSecrets {
  const items = readList(field, { max: limits.secrets, what: 'secrets' }, reading);
  const names = new Set<string>();
  const secrets = items.map((item) => readSecret(item, names, reading)).filter((secret) => secret !== null);
  return { secrets, obstacles: items.flatMap((item) => originObstacles(item, reading)) };
}

/** A name that a secret may have; refused where it stands. */
export function readSecretName(field: Field, reading: Reading): string | null {
  const expected = 'a name of up to 100 letters, digits and _.-';
  const text = readText(field, reading, expected);
  if (text === null || NAME.test(text)) return text;
  refuse(field, expected, reading);
  return null;
}

/** Null for one that comes from a plugin (`origin`), of which its own complaint tells. */
function readSecret(item: Field, names: Set<string>, reading: Reading): PipelineSecret | null {
  const fields = readMap(item, secretKeys, reading);
  if (hasKey(item, 'origin')) return null;
  const nameField = fields.get('name');
  if (nameField === undefined) refuseMissing(item, 'name', 'a name', reading);
  const name = nameField && readSecretName(nameField, reading);
  if (nameField === undefined || name === undefined || name === null) return null;
  if (names.has(name)) refuse(nameField, 'a name that no other secret has', reading);
  names.add(name);
  const typeField = fields.get('type');
  const type = (typeField && readChoice(typeField, TYPES, reading)) ?? 'repo';
  const keyField = fields.get('key') ?? nameField;
  const key = readKey(keyField, type, reading) ?? name;
  const { line, column } = keyField.node.at;
  const place = { file: reading.log.file, line, column, key: keyField.key, value: key };
  return { name, type, key, place, obstacles: engineObstacles(fields.get('engine'), reading) };
}

/** One part is relative to the repo of the change or its organisation. */
function readKey(field: Field, type: CompiledSecret['type'], reading: Reading): string | null {
  const whole = wholeKeyOf(type, reading);
  const expected = whole === 'name' ? 'a name' : `${whole}, or the name alone`;
  const text = readText(field, reading, expected);
  if (text === null) return null;
  const [name = '', ...owners] = text.split('/').reverse();
  const hasShape = owners.length === 0 || owners.length === whole.split('/').length - 1;
  if (!hasShape || !NAME.test(name) || !owners.every((owner) => OWNER.test(owner))) {
    refuse(field, expected, reading);
    return null;
  }
  return type === 'shared' && owners.length > 0 ? withoutTeam(field, name, reading) : text;
}

/** Vela's shared secrets belong to a team, ours to the installation; their own rules say who may have them. */
function withoutTeam({ node, key }: Field, name: string, { log }: Reading): string {
  log.warn({
    at: node.at,
    key,
    text: `shared secrets belong to no team here; this means the one called "${name}"`,
  });
  return name;
}

function wholeKeyOf(type: CompiledSecret['type'], { dialect }: Reading): string {
  if (type === 'repo') return 'org/repo/name';
  if (type === 'org') return 'org/name';
  return dialect === Dialect.VELA ? 'org/team/name' : 'name';
}

function engineObstacles(field: Field | undefined, reading: Reading): readonly PipelineProblem[] {
  const expected = '"native", the only engine so far';
  const engine = field && readText(field, reading, expected);
  if (field === undefined || engine === undefined || engine === null || engine === 'native') return [];
  return obstruct({ at: field.node.at, key: field.key, value: engine, expected }, reading);
}

/** In our files the key is refused by its support already. */
function originObstacles(item: Field, reading: Reading): readonly PipelineProblem[] {
  if (reading.dialect === Dialect.SLIPWAY || !hasKey(item, 'origin')) return [];
  const expected = 'secrets without "origin": plugins come later';
  return obstruct({ at: item.node.at, key: `${item.key}.origin`, value: 'origin', expected }, reading);
}
