import { posix } from 'node:path';
import { limits } from '../limits.js';
import { Matcher } from '../rules/pattern.js';
import { artifactKeys } from './keys.js';
import { readMap } from './read-map.js';
import { readItems, readSome, readText } from './read-values.js';
import { refuse, refuseMissing, type Field, type Reading } from './reading.js';

const BELOW = 'below the checkout: relative, without ".."';

/** A directory below the checkout, in its shortest form; null for the checkout itself. */
export function readWorkingDirectory(field: Field | undefined, reading: Reading): string | null {
  const text = field && readPath(field, `a directory ${BELOW}`, reading);
  if (text === undefined || text === null) return null;
  const path = posix.normalize(text).replace(/\/$/, '');
  return path === '.' ? null : path;
}

/** `artifacts: { paths }`: globs, each of which our own matcher can read. */
export function readArtifacts(field: Field | undefined, reading: Reading): readonly string[] {
  if (field === undefined) return [];
  const expected = 'one or more globs of files';
  const paths = readMap(field, artifactKeys, reading).get('paths');
  if (paths === undefined) refuseMissing(field, 'paths', expected, reading);
  if (paths === undefined) return [];
  if (readItems(paths).length > limits.artifacts) {
    refuse(paths, `at most ${limits.artifacts} globs`, reading);
    return [];
  }
  return readSome(paths, reading, { expected, read: (item) => readArtifact(item, reading) });
}

function readArtifact(item: Field, reading: Reading): string | null {
  const text = readPath(item, `a glob of files ${BELOW}`, reading);
  if (text === null) return null;
  const outcome = reading.patterns.compile(text, Matcher.FILEPATH);
  if (!outcome.ok) refuse(item, outcome.expected, reading);
  return outcome.ok ? text : null;
}

/** Also braces (`{..,a}/b`) may not lead out. */
function readPath(field: Field, expected: string, reading: Reading): string | null {
  const text = readText(field, reading, expected);
  if (text === null) return null;
  const leadsOut = text.startsWith('/') || /(?:^|[/{,])\.\.(?:$|[/},])/.test(text);
  if (text !== '' && text.length <= limits.pathLength && !leadsOut) return text;
  refuse(field, expected, reading);
  return null;
}
