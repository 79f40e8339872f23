import { link, readFile, rm, writeFile } from 'node:fs/promises';

/** Text of a file that only its owner can read; made by `make` the first time, whole or not at all. */
export async function secretFile(path: string, make: () => string): Promise<string> {
  const found = await readIfThere(path);
  if (found !== undefined) return found;
  const draft = `${path}.${process.pid}`;
  await writeFile(draft, `${make()}\n`, { mode: 0o600 });
  await link(draft, path);
  await rm(draft);
  return (await readFile(path, 'utf8')).trim();
}

async function readIfThere(path: string): Promise<string | undefined> {
  try {
    return (await readFile(path, 'utf8')).trim();
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return undefined;
    throw error;
  }
}
