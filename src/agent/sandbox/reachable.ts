import type { Bind } from './bwrap-arguments.js';
import { type Staged, STAGE } from './launch-script.js';

/** Binds by names that bwrap can reach, and what has to be staged for that. */
export interface Reachable<B extends Bind> {
  readonly root: string;
  readonly mounts: readonly B[];
  readonly staged: readonly Staged[];
}

const ROOT = 'build';

/** The names under which a bwrap without the agent's rights finds a workspace and the worker's mounts. */
export function stageAll<B extends Bind>(root: string, mounts: readonly B[]): Reachable<B> {
  const nameOf = (index: number): string => `mount-${index}`;
  return {
    root: `${STAGE}/${ROOT}`,
    mounts: mounts.map((mount, index) => ({ ...mount, source: `${STAGE}/${nameOf(index)}` })),
    staged: [
      { source: root, name: ROOT },
      ...mounts.map(({ source }, index) => ({ source, name: nameOf(index) })),
    ],
  };
}
