import { randomUUID } from 'node:crypto';
import { open, rename, rm } from 'node:fs/promises';
import { dirname } from 'node:path';

/** Replaces a file (0600) so that its readers, also after a crash of this process, find the old content or the new. */
export async function replaceFile(path: string, content: string | Uint8Array): Promise<void> {
  await replace(path, content, false);
}

/** As {@link replaceFile}, and once it resolves the new content survives a crash of the machine. */
export async function replaceFileDurably(path: string, content: string | Uint8Array): Promise<void> {
  await replace(path, content, true);
  await syncDirectory(dirname(path));
}

async function replace(path: string, content: string | Uint8Array, isSynced: boolean): Promise<void> {
  const temporary = `${path}.${randomUUID()}.tmp`;
  try {
    await writeNew(temporary, content, isSynced);
    await rename(temporary, path);
  } catch (error) {
    await rm(temporary, { force: true });
    throw error;
  }
}

async function writeNew(path: string, content: string | Uint8Array, isSynced: boolean): Promise<void> {
  const file = await open(path, 'wx', 0o600);
  try {
    await file.writeFile(content);
    if (isSynced) await file.sync();
  } finally {
    await file.close();
  }
}

/** The name is durable only once its directory is. */
async function syncDirectory(path: string): Promise<void> {
  const directory = await open(path, 'r');
  try {
    await directory.sync();
  } finally {
    await directory.close();
  }
}
