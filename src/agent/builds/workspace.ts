import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

/** The directories of one build on the machine; they are its own and end with it. */
export class Workspace {
  readonly root: string;
  /** The checkout, where steps start. */
  readonly source: string;
  readonly home: string;
  readonly temporary: string;
  /** Files by which the steps tell the agent something. */
  readonly outputs: string;
  /** Configuration for the agent's own git. */
  readonly gitConfig: string;

  private constructor(root: string) {
    this.root = root;
    this.source = join(root, 'source');
    this.home = join(root, 'home');
    this.temporary = join(root, 'tmp');
    this.outputs = join(root, 'outputs');
    this.gitConfig = join(root, 'gitconfig');
  }

  /** Where the workspace of a build is, whether it exists or not. */
  static rootOf(workspaceDir: string, build: string): string {
    return join(workspaceDir, build);
  }

  /** Makes the workspace of a build, which must not exist yet. */
  static async create(workspaceDir: string, build: string): Promise<Workspace> {
    const workspace = new Workspace(Workspace.rootOf(workspaceDir, build));
    await mkdir(workspaceDir, { recursive: true, mode: 0o700 });
    await mkdir(workspace.root, { mode: 0o700 });
    const { source, home, temporary, outputs } = workspace;
    await Promise.all([source, home, temporary, outputs].map((path) => mkdir(path, { mode: 0o700 })));
    await writeFile(workspace.gitConfig, '');
    return workspace;
  }

  /** File that a step writes its outputs to. */
  outputsOf(step: number): string {
    return join(this.outputs, outputsName(step));
  }

  /** File of a step's script; beside the checkout, so that it does not show there. */
  scriptOf(step: number): string {
    return join(this.root, `step-${step}.sh`);
  }
}

/** Name, in the directory of outputs, of the file that a step writes its own to. */
export function outputsName(step: number): string {
  return `step-${step}`;
}
