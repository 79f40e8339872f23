import { Matcher, PatternCompiler } from '../../pipeline/index.js';
import { ContainedDirectory, type OpenedFile } from '../files/contained-file.js';

/** Directories within each other, and entries of all of them, that are looked at. */
const MAX_DEPTH = 64;
const MAX_ENTRIES = 200_000;

/** A file that a pattern fits, opened by whoever takes it. */
export interface FoundFile {
  /** Below the checkout, with `/`. */
  readonly path: string;
  readonly open: () => Promise<OpenedFile>;
}

/** What a walk comes upon: files, and what should be said. */
export type Finding =
  { readonly kind: 'FILE'; readonly file: FoundFile } | { readonly kind: 'NOTICE'; readonly notice: string };

/**
 * Walks a checkout for the files that globs fit, by name. No link is followed, and nothing that a step does to its
 * directories meanwhile leads out of them. Git's own directory is left out.
 */
export async function* findArtifacts(checkout: string, globs: readonly string[]): AsyncGenerator<Finding> {
  const walk = new Walk(globs);
  const root = await ContainedDirectory.open(checkout);
  if (root === null) {
    yield notice('the checkout was replaced: no artifacts are kept');
    return;
  }
  try {
    yield* walk.through(root, '', 0);
  } finally {
    await root.close();
  }
  for (const glob of walk.unmatched) yield notice(`no file fits ${glob}`);
}

class Walk {
  readonly #patterns: readonly { readonly glob: string; readonly matches: (path: string) => boolean }[];
  readonly #matched = new Set<string>();
  #left = MAX_ENTRIES;

  constructor(globs: readonly string[]) {
    const compiler = new PatternCompiler();
    this.#patterns = globs.map((glob) => {
      const outcome = compiler.compile(glob.replace(/^(\.\/)+/, ''), Matcher.FILEPATH);
      return { glob, matches: (path) => outcome.ok && outcome.pattern.matches(path) };
    });
  }

  get unmatched(): string[] {
    return this.#patterns.map(({ glob }) => glob).filter((glob) => !this.#matched.has(glob));
  }

  async *through(directory: ContainedDirectory, path: string, depth: number): AsyncGenerator<Finding> {
    const entries = await directory.entries();
    entries.sort((a, b) => (a.name < b.name ? -1 : 1));
    for (const { name, isDirectory } of entries) {
      if (path === '' && name === '.git') continue;
      if ((this.#left -= 1) < 0) {
        yield* this.#giveUp();
        return;
      }
      const inner = `${path}${name}`;
      if (isDirectory) yield* this.#into(directory, { name, path: inner, depth });
      else if (this.#fits(inner))
        yield { kind: 'FILE', file: { path: inner, open: () => directory.file(name) } };
    }
  }

  async *#into(
    parent: ContainedDirectory,
    { name, path, depth }: { readonly name: string; readonly path: string; readonly depth: number },
  ): AsyncGenerator<Finding> {
    if (depth >= MAX_DEPTH) {
      yield notice(`${path} is too deep to be looked at`);
      return;
    }
    const directory = await parent.directory(name);
    if (directory === null) return;
    try {
      yield* this.through(directory, `${path}/`, depth + 1);
    } finally {
      await directory.close();
    }
  }

  *#giveUp(): Generator<Finding> {
    if (this.#left === -1)
      yield notice(`the checkout has more than ${MAX_ENTRIES} entries: the rest is not looked at`);
  }

  #fits(path: string): boolean {
    const fitting = this.#patterns.filter(({ matches }) => matches(path));
    for (const { glob } of fitting) this.#matched.add(glob);
    return fitting.length > 0;
  }
}

function notice(text: string): Finding {
  return { kind: 'NOTICE', notice: text };
}
