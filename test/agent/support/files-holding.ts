import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';

/** The files below a directory that hold any of these texts, in their bytes or in their names. */
export async function filesHolding(directory: string, texts: readonly string[]): Promise<string[]> {
  const holding: string[] = [];
  for (const entry of await readdir(directory, { recursive: true, withFileTypes: true })) {
    const path = join(entry.parentPath, entry.name);
    const content = entry.isFile() ? await readFile(path, 'latin1') : '';
    if (texts.some((text) => content.includes(text) || entry.name.includes(text))) holding.push(path);
  }
  return holding;
}
