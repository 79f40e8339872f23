import { rm } from 'node:fs/promises';
import type { CompiledStep } from '../../pipeline/index.js';
import { Workspace } from '../builds/workspace.js';
import { removeTree } from '../state/remove-tree.js';
import type { SandboxExecutor } from './sandbox-executor.js';

/** Takes the place of a build's id. */
const PROBE = 'probe';
const LIMIT_MS = 30_000;
const STEP: CompiledStep = {
  number: 1,
  name: PROBE,
  commands: ['test -w "$PWD"', 'test -w "$HOME"'],
  environment: {},
  ruleset: { continue: false },
};

/** Tries a sandbox out, with the worker's mounts and all. Null when it works, otherwise why it does not. */
export async function probeSandbox(executor: SandboxExecutor, workspaceDir: string): Promise<string | null> {
  if (process.platform !== 'linux') return `bubblewrap needs Linux, this is ${process.platform}`;
  const root = Workspace.rootOf(workspaceDir, PROBE);
  try {
    await removeTree(root);
    return await runProbe(executor, await Workspace.create(workspaceDir, PROBE));
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  } finally {
    await executor.release(PROBE);
    await rm(root, { recursive: true, force: true });
  }
}

async function runProbe(executor: SandboxExecutor, workspace: Workspace): Promise<string | null> {
  const { home: HOME, search: PATH } = executor.pathsOf();
  let printed = '';
  await executor.prepare(workspace);
  const exit = await executor.run({
    build: PROBE,
    workspace,
    step: STEP,
    directory: workspace.source,
    environment: { HOME, PATH },
    output: (bytes) => {
      printed += Buffer.from(bytes).toString();
      return Promise.resolve();
    },
    control: { stop: AbortSignal.timeout(LIMIT_MS), kill: AbortSignal.timeout(LIMIT_MS) },
  });
  if (exit.kind === 'EXITED') return exit.code === 0 ? null : `a step in it fails: ${printed}`;
  return exit.kind === 'NOT_STARTED' ? exit.error : `a step in it was ended by ${exit.signal}`;
}
