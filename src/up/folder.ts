import { chmod, mkdir } from 'node:fs/promises';
import { join, resolve } from 'node:path';

/** Where the all-in-one mode keeps what; absolute paths. */
export interface Folder {
  readonly root: string;
  readonly postgres: string;
  readonly worker: string;
  readonly sampleRepo: string;
  readonly sampleDone: string;
  readonly masterKey: string;
  readonly adminToken: string;
  readonly serverJson: string;
}

/** The paths in a directory, which need not exist. */
export function folderAt(dir: string): Folder {
  const root = resolve(dir);
  return {
    root,
    postgres: join(root, 'postgres'),
    worker: join(root, 'worker'),
    sampleRepo: join(root, 'sample-repo'),
    sampleDone: join(root, 'sample-done'),
    masterKey: join(root, 'master-key'),
    adminToken: join(root, 'admin-token'),
    serverJson: join(root, 'server.json'),
  };
}

/**
 * Makes the directory, closed to others. As root others may pass through, though not look around: PostgreSQL does not
 * run as root, and its data shall be able to stay in here. Every secret file is closed by itself.
 */
export async function makeFolder(dir: string): Promise<Folder> {
  const folder = folderAt(dir);
  const mode = process.getuid?.() === 0 ? 0o711 : 0o700;
  await mkdir(folder.root, { recursive: true, mode });
  await chmod(folder.root, mode);
  return folder;
}
