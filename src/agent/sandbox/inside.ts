import { dirname } from 'node:path';
import type { StepPaths } from '../executor/executor.js';

/** Where things are inside of every sandbox. */
export const INSIDE = {
  source: '/workspace',
  home: '/home/build',
  temporary: '/tmp',
  /** What the agent and the step have to do with each other. */
  agent: '/slipway',
  outputs: '/slipway/outputs',
  script: '/slipway/step.sh',
  /** Node, where the machine has it outside of /usr. */
  node: '/opt/node',
} as const;

/** The step's user, who is somebody else outside. */
export const INSIDE_USER = { name: 'build', uid: 1000, gid: 1000 } as const;

const SYSTEM_PATH = ['/usr/local/sbin', '/usr/local/bin', '/usr/sbin', '/usr/bin', '/sbin', '/bin'];

/** `PATH` of steps: first where the agent's Node (with its npm) shows, then the usual system directories. */
export function searchPathInside(nodePath: string): string {
  const node = isInUsr(nodePath) ? dirname(nodePath) : `${INSIDE.node}/bin`;
  return [node, ...SYSTEM_PATH].join(':');
}

/** What the sandbox shows anyhow. */
export function isInUsr(path: string): boolean {
  return path.startsWith('/usr/');
}

/** The paths of steps in a sandbox; the same for all builds. */
export function pathsInside(search: string): StepPaths {
  const { source, home, temporary, outputs } = INSIDE;
  return { source, home, temporary, outputs, search };
}
