import { rm } from 'node:fs/promises';
import { removeDataDir } from '../database/embedded/home.js';
import { folderAt } from './folder.js';
import { lockFolder } from './lock.js';

/**
 * Deletes everything that `slipway up` made in a folder, also what had to be put elsewhere. Throws a CliError while
 * it is in use.
 */
export async function resetFolder(dir: string): Promise<void> {
  const folder = folderAt(dir);
  const unlock = await lockFolder(folder.root);
  try {
    await removeDataDir(folder.postgres);
    await rm(folder.root, { recursive: true, force: true });
  } finally {
    await unlock();
  }
}
