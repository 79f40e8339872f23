import { limits } from '../limits.js';
import { templateKeys } from './keys.js';
import { readMap } from './read-map.js';
import { readList, readName, readText } from './read-values.js';
import { refuseMissing, type Field, type Reading } from './reading.js';

/** The names of the templates that one of Vela's files declares; nobody fetches them yet. */
export function readTemplates(field: Field | undefined, reading: Reading): readonly string[] {
  const items = readList(field, { max: limits.templates, what: 'templates' }, reading);
  return items.map((item) => readTemplate(item, reading)).filter((name) => name !== null);
}

function readTemplate(item: Field, reading: Reading): string | null {
  const fields = readMap(item, templateKeys, reading);
  const [name, source] = [fields.get('name'), fields.get('source')];
  if (name === undefined) refuseMissing(item, 'name', 'a name', reading);
  if (source === undefined) refuseMissing(item, 'source', 'where the template is', reading);
  else readText(source, reading, 'where the template is');
  return name === undefined ? null : readName(name, limits.nameLength, reading);
}
