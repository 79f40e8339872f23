// Builds before the first `npm start` and after a change of the sources; says nothing when the build is fresh.
import { readdirSync, statSync, utimesSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('..', import.meta.url));
const SOURCES = ['src', 'migrations', 'ormconfig.ts', 'tsconfig.json', 'package-lock.json'];
const STAMP = 'dist/.tsbuildinfo';
const ENTRY = 'dist/src/cli/main.js';

const builtAtMs = modifiedAtMs(STAMP);
if (modifiedAtMs(ENTRY) === 0 || SOURCES.some((path) => newestMs(path) > builtAtMs)) {
  console.error('slipway: building, since there is no build of the present sources');
  const startedAt = new Date();
  await import('./build.mjs');
  stamp(process.exitCode ? new Date(0) : startedAt);
}

/** tsc leaves its file alone when nothing relevant changed, and writes it also when it found errors. */
function stamp(at) {
  if (modifiedAtMs(STAMP) > 0) utimesSync(join(root, STAMP), at, at);
}

/** Directories count too: their time tells of a file that was removed. Milliseconds since the epoch. */
function newestMs(path) {
  const found = statSync(join(root, path), { throwIfNoEntry: false });
  if (!found?.isDirectory()) return found?.mtimeMs ?? 0;
  const entries = readdirSync(join(root, path), { recursive: true });
  return Math.max(found.mtimeMs, ...entries.map((entry) => modifiedAtMs(join(path, entry))));
}

/** 0 when there is no such file. */
function modifiedAtMs(path) {
  return statSync(join(root, path), { throwIfNoEntry: false })?.mtimeMs ?? 0;
}
