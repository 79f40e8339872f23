import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** A directory of its own for each test of a suite; all are removed after the suite, when nothing uses them. */
export function useScratch(): { readonly path: string } {
  const scratch = { path: '' };
  const made: string[] = [];
  beforeEach(async () => {
    scratch.path = await mkdtemp(join(tmpdir(), 'slipway-agent-'));
    made.push(scratch.path);
  });
  after(() => Promise.all(made.map((path) => rm(path, { recursive: true, force: true }))));
  return scratch;
}
