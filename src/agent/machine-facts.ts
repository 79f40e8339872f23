import { mkdir, statfs } from 'node:fs/promises';
import { freemem, loadavg } from 'node:os';

/** What the machine has left. */
export interface MachineFacts {
  readonly freeDiskBytes: number;
  readonly freeMemoryBytes: number;
  /** Of the last minute. */
  readonly load: number;
}

/** Looks at the machine; disk is that of the builds' workspaces. */
export async function readMachineFacts(workspaceDir: string): Promise<MachineFacts> {
  await mkdir(workspaceDir, { recursive: true, mode: 0o700 });
  const { bavail, bsize } = await statfs(workspaceDir);
  return { freeDiskBytes: bavail * bsize, freeMemoryBytes: freemem(), load: loadavg()[0] ?? 0 };
}
