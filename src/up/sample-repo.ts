import { execFile } from 'node:child_process';
import { mkdir, rename, rm, writeFile } from 'node:fs/promises';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { bareEnvironment } from '../config/index.js';
import { sampleFiles } from './sample-files.js';

const run = promisify(execFile);

/** The same on every machine, so that the sample's commit has the same id everywhere. */
const AUTHORSHIP = {
  GIT_AUTHOR_NAME: 'Slipway',
  GIT_AUTHOR_EMAIL: 'sample@slipway.invalid',
  GIT_AUTHOR_DATE: '2026-01-01T00:00:00Z',
  GIT_COMMITTER_NAME: 'Slipway',
  GIT_COMMITTER_EMAIL: 'sample@slipway.invalid',
  GIT_COMMITTER_DATE: '2026-01-01T00:00:00Z',
};

/** Makes the sample a git repository at `path`, unless it is there; whole or not at all. */
export async function makeSampleRepo(path: string): Promise<void> {
  if (existsSync(path)) return;
  const draft = `${path}.${process.pid}`;
  await rm(draft, { recursive: true, force: true });
  await mkdir(draft);
  for (const [name, text] of Object.entries(sampleFiles)) await writeFile(join(draft, name), text);
  await git(draft, 'init', '--quiet');
  await git(draft, 'symbolic-ref', 'HEAD', 'refs/heads/main');
  await git(draft, 'add', '--all');
  await git(draft, 'commit', '--quiet', '--message', 'Greet by the hour');
  await rename(draft, path);
}

/** Nobody's configuration (hooks, templates, signing) takes part. */
async function git(dir: string, ...args: readonly string[]): Promise<void> {
  const env = {
    ...bareEnvironment(),
    ...AUTHORSHIP,
    GIT_CONFIG_GLOBAL: '/dev/null',
    GIT_CONFIG_NOSYSTEM: '1',
  };
  await run('git', ['-c', 'init.templateDir=', ...args], { cwd: dir, env });
}
