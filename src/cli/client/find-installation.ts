import { readFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';

/** What the all-in-one mode leaves in `.slipway/server.json` while it runs. */
export interface Installation {
  readonly url: string;
  readonly adminTokenFile: string;
}

/** Name of the directory of the all-in-one mode. */
const INSTALLATION_DIR = '.slipway';

/** The running all-in-one server of a directory or of the nearest one above it; undefined when there is none. */
export async function findInstallation(from: string): Promise<Installation | undefined> {
  const found = await readInstallation(join(from, INSTALLATION_DIR, 'server.json'));
  if (found !== undefined || dirname(from) === from) return found;
  return findInstallation(dirname(from));
}

async function readInstallation(file: string): Promise<Installation | undefined> {
  try {
    const found = JSON.parse(await readFile(file, 'utf8')) as Partial<Installation>;
    const isWhole = typeof found.url === 'string' && typeof found.adminTokenFile === 'string';
    return isWhole ? (found as Installation) : undefined;
  } catch {
    // Absent, unreadable or half-written by somebody else: then there is no server to be found here.
    return undefined;
  }
}
