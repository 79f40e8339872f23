import { execFile } from 'node:child_process';
import { mkdir, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';

const run = promisify(execFile);

/** A repository on this machine, made by git itself. */
export class GitRepo {
  private constructor(readonly path: string) {}

  /** Makes an empty repository whose default branch is `main`. */
  static async create(path: string): Promise<GitRepo> {
    await mkdir(path, { recursive: true });
    const repo = new GitRepo(path);
    await repo.git('init', '--quiet', '--initial-branch=main');
    return repo;
  }

  /** Commits these files and returns the commit. */
  async commit(files: Readonly<Record<string, string>>): Promise<string> {
    for (const [name, content] of Object.entries(files)) {
      await mkdir(dirname(join(this.path, name)), { recursive: true });
      await writeFile(join(this.path, name), content);
    }
    await this.git('add', '--all');
    await this.git('commit', '--quiet', '--allow-empty', '--message', 'change');
    return this.git('rev-parse', 'HEAD');
  }

  async git(...words: readonly string[]): Promise<string> {
    const identity = { GIT_CONFIG_COUNT: '2', GIT_CONFIG_KEY_0: 'user.name', GIT_CONFIG_KEY_1: 'user.email' };
    const env = {
      PATH: process.env.PATH,
      GIT_CONFIG_NOSYSTEM: '1',
      GIT_CONFIG_GLOBAL: '/dev/null',
      ...identity,
      GIT_CONFIG_VALUE_0: 'A Tester',
      GIT_CONFIG_VALUE_1: 'tester@example.org',
    };
    const { stdout } = await run('git', [...words], { cwd: this.path, env });
    return stdout.trim();
  }
}
