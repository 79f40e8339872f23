import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';

/** A directory that is removed after the suite; call it in the body of a `describe`. */
export function scratchDir(): { readonly path: string } {
  let path: string | undefined;
  before('make a scratch directory', () => {
    path = mkdtempSync(join(tmpdir(), 'slipway-scratch-'));
  });
  after('remove the scratch directory', () => {
    if (path !== undefined) rmSync(path, { recursive: true, force: true });
  });
  return {
    get path(): string {
      if (path === undefined) throw new Error('the scratch directory exists from the first hook on');
      return path;
    },
  };
}

/** A real git repository with a working tree, on branch `main`. */
export class ScratchRepo {
  constructor(readonly path: string) {
    mkdirSync(path, { recursive: true });
    this.git('init', '--quiet', '--initial-branch=main');
  }

  /** Writes files (null: removes one), commits, and gives the commit's id. */
  commit(files: Readonly<Record<string, string | Buffer | null>>): string {
    for (const [name, content] of Object.entries(files)) {
      const path = join(this.path, name);
      mkdirSync(dirname(path), { recursive: true });
      if (content === null) rmSync(path);
      else writeFileSync(path, content);
    }
    return this.#record();
  }

  /** Commits a symbolic link. */
  link(name: string, target: string): string {
    symlinkSync(target, join(this.path, name));
    return this.#record();
  }

  /** Runs git in the repository; gives its output, trimmed. */
  git(...args: string[]): string {
    const who = ['-c', 'user.name=Test', '-c', 'user.email=test@example.org', '-c', 'commit.gpgsign=false'];
    return execFileSync('git', [...who, ...args], { cwd: this.path, stdio: ['ignore', 'pipe', 'pipe'] })
      .toString()
      .trim();
  }

  #record(): string {
    this.git('add', '--all');
    this.git('commit', '--quiet', '--allow-empty', '--message', 'a commit');
    return this.git('rev-parse', 'HEAD');
  }
}
