import { readFileSync } from 'node:fs';

/** Published test vectors, from test/vectors/<name>.json; each file names its source. */
export function readVectors<Vector>(name: string): readonly Vector[] {
  const file = new URL(`../../../test/vectors/${name}.json`, import.meta.url);
  return (JSON.parse(readFileSync(file, 'utf8')) as { tests: Vector[] }).tests;
}
