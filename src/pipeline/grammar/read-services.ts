import { limits } from '../limits.js';
import type { PipelineService } from '../pipeline.js';
import { serviceKeys } from './keys.js';
import { readEnvironment } from './read-environment.js';
import { readMap } from './read-map.js';
import { readRuleset } from './read-ruleset.js';
import { readEntrypoint, readImage } from './read-program.js';
import { readList, readName, readSome, readText } from './read-values.js';
import { obstruct, refuseMissing, type Field, type Reading } from './reading.js';

/** The services of Vela's files: shown, and in the way of a build that would have them. */
export function readServices(field: Field | undefined, reading: Reading): readonly PipelineService[] {
  const items = readList(field, { max: limits.services, what: 'services' }, reading);
  return items.map((item) => readService(item, reading));
}

function readService(item: Field, reading: Reading): PipelineService {
  const fields = readMap(item, serviceKeys, reading);
  const [nameField, ports] = [fields.get('name'), fields.get('ports')];
  if (nameField === undefined) refuseMissing(item, 'name', 'a name', reading);
  if (!fields.has('image')) refuseMissing(item, 'image', 'an image', reading);
  const name = (nameField && readName(nameField, limits.nameLength, reading)) ?? '';
  const expected = 'a build without services, which come with the container driver';
  return {
    name,
    image: readImage(fields.get('image'), reading) ?? '',
    entrypoint: readEntrypoint(fields.get('entrypoint'), reading),
    environment: readEnvironment(fields.get('environment'), reading),
    ports:
      ports === undefined
        ? []
        : readSome(ports, reading, { expected: 'ports', read: (port) => readText(port, reading) }),
    ruleset: readRuleset(fields.get('ruleset'), reading),
    obstacles: obstruct({ at: item.node.at, key: item.key, value: name, expected }, reading),
  };
}
