import { rename, rm, writeFile } from 'node:fs/promises';
import type { Installation } from '../cli/client/find-installation.js';
import type { Folder } from './folder.js';

/** Tells the command line of this checkout where the server is; the file appears whole. */
export async function writeServerJson(folder: Folder, url: string): Promise<void> {
  const content: Installation & { pid: number } = {
    url,
    pid: process.pid,
    adminTokenFile: folder.adminToken,
  };
  const draft = `${folder.serverJson}.${process.pid}`;
  await writeFile(draft, `${JSON.stringify(content, undefined, 2)}\n`, { mode: 0o600 });
  await rename(draft, folder.serverJson);
}

/** There is no server any more. */
export async function removeServerJson(folder: Folder): Promise<void> {
  await rm(folder.serverJson, { force: true });
}
