import { existsSync, realpathSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { INSIDE, isInUsr } from './inside.js';
import type { SandboxMount } from './sandbox-mounts.js';

const BIN = `${INSIDE.node}/bin`;
const NPM = 'lib/node_modules/npm';

/** How Node shows in sandboxes, where the machine has it outside of /usr, perhaps in somebody's home. */
export interface NodeTools {
  readonly mounts: readonly SandboxMount[];
  /** bwrap's words for the names of its programs. */
  readonly words: readonly string[];
}

/** Node, and npm if it came with it; nothing where /usr has them. */
export function nodeTools(nodePath = process.execPath): NodeTools {
  const node = realpathSync(nodePath);
  if (isInUsr(node)) return { mounts: [], words: [] };
  const npm = join(dirname(dirname(node)), NPM);
  const hasNpm = existsSync(join(npm, 'bin/npm-cli.js'));
  return {
    mounts: [
      { source: node, destination: `${BIN}/node`, isWritable: false },
      ...(hasNpm ? [{ source: npm, destination: `${INSIDE.node}/${NPM}`, isWritable: false }] : []),
    ],
    words: hasNpm ? ['npm', 'npx'].flatMap(symlinkWords) : [],
  };
}

function symlinkWords(name: string): string[] {
  return ['--symlink', `../${NPM}/bin/${name}-cli.js`, `${BIN}/${name}`];
}
