import { execFile } from 'node:child_process';
import { chmod } from 'node:fs/promises';
import { promisify } from 'node:util';
import type { Workspace } from '../builds/workspace.js';
import type { BuildUser } from './launch-script.js';

const run = promisify(execFile);

/**
 * Makes what steps write the build user's, the checkout with all that is in it. Links are not followed. He may pass
 * through the workspace's root, but not list it: the directories above stay closed, so that only his sandbox shows it.
 */
export async function giveWorkspace({ uid, gid }: BuildUser, workspace: Workspace): Promise<void> {
  const { root, source, home, outputs } = workspace;
  await run('chown', ['-R', '-h', '-P', `${uid}:${gid}`, '--', source, home, outputs]);
  await chmod(root, 0o711);
}
