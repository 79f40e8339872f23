import type { StepSecret } from '../compiled.js';
import { limits } from '../limits.js';
import { Dialect } from '../pipeline.js';
import { stepSecretKeys } from './keys.js';
import { isVariableName } from './read-environment.js';
import { readMap } from './read-map.js';
import { readSecretName } from './read-secrets.js';
import { readItems, readList, readText } from './read-values.js';
import { refuse, refuseMissing, type Field, type Reading } from './reading.js';

/** What the secrets of a step are read with. */
interface Wanted {
  /** Names of the secrets that the file declares. */
  readonly declared: readonly string[];
  readonly reading: Reading;
}

/**
 * The secrets that a step names, each by its name or as `{ source, target }`. One that the file does not declare is the
 * repo's own of that name; when it looks like a declared one, a warning asks.
 */
export function readStepSecrets(field: Field | undefined, wanted: Wanted): readonly StepSecret[] {
  if (field === undefined) return [];
  const { reading } = wanted;
  const isSingle = field.node.kind === 'scalar' && field.node.type !== 'null';
  const list = isSingle
    ? readItems(field)
    : readList(field, { max: limits.secrets, what: 'secrets' }, reading);
  const variables = new Set<string>();
  return list
    .map((item) => readStepSecret(item, variables, wanted))
    .filter((secret): secret is StepSecret => secret !== null);
}

function readStepSecret(item: Field, variables: Set<string>, wanted: Wanted): StepSecret | null {
  const { reading } = wanted;
  const secret = item.node.kind === 'map' ? readPair(item, wanted) : readNamed(item, wanted);
  if (secret !== null && variables.has(secret.variable)) {
    refuse(item, `each variable once (${secret.variable} is another secret's)`, reading);
  }
  if (secret !== null) variables.add(secret.variable);
  return secret;
}

/** `docker-password` becomes the variable DOCKER_PASSWORD. */
function readNamed(item: Field, wanted: Wanted): StepSecret | null {
  const name = readSource(item, wanted);
  if (name === null) return null;
  const variable = name.toUpperCase().replace(/[.-]/g, '_');
  if (isVariableName(variable)) return { name, variable };
  refuse(item, '{ source, target }, since this name is no name of a variable', wanted.reading);
  return null;
}

function readPair(item: Field, wanted: Wanted): StepSecret | null {
  const { reading } = wanted;
  const fields = readMap(item, stepSecretKeys, reading);
  const [source, target] = [fields.get('source'), fields.get('target')];
  if (source === undefined) refuseMissing(item, 'source', 'the name of a secret', reading);
  if (target === undefined) refuseMissing(item, 'target', 'the name of a variable', reading);
  const name = source === undefined ? null : readSource(source, wanted);
  const variable = target === undefined ? null : readTarget(target, reading);
  return name === null || variable === null ? null : { name, variable };
}

function readSource(field: Field, { declared, reading }: Wanted): string | null {
  const name = readSecretName(field, reading);
  if (name === null || declared.includes(name)) return name;
  const hint = reading.suggestions.didYouMean(name, declared);
  const text = `"${name}" is not declared and means the repo's own secret of that name${hint}`;
  if (hint !== '') reading.log.warn({ at: field.node.at, key: field.key, text });
  return name;
}

/** Vela writes targets in capitals, whatever the file says. */
function readTarget(field: Field, reading: Reading): string | null {
  const expected = 'a name of letters, digits and _ that does not begin with a digit';
  const text = readText(field, reading, expected);
  if (text === null) return null;
  if (isVariableName(text)) return reading.dialect === Dialect.VELA ? text.toUpperCase() : text;
  refuse(field, expected, reading);
  return null;
}
