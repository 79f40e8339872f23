// Compiles the project. `prepare` runs it after `npm ci`; an install without development dependencies skips it.
import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const tsc = fileURLToPath(new URL('../node_modules/typescript/bin/tsc', import.meta.url));
if (existsSync(tsc)) {
  const { status } = spawnSync(process.execPath, [tsc, '-p', '.'], { stdio: 'inherit' });
  process.exitCode = status ?? 1;
} else {
  console.error('build: skipped, since the development dependencies are not installed');
}
