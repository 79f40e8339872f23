/** A glob as a regular expression of RE2, or what is wrong with it. */
export type GlobSource =
  { readonly ok: true; readonly source: string } | { readonly ok: false; readonly expected: string };

class BadGlob extends Error {}

/**
 * Shell globs: `*` and `?` stay within one part of a path, `**` as a whole part crosses any number of them, `[a-z]`
 * and `[!a-z]`, `{a,b}`, `\` takes the next character literally. Names that begin with a dot are nothing special.
 * `a/**` also matches `a`. Translated by hand because the libraries of the trade make JavaScript regular expressions,
 * which backtrack: `*a*a*a*a*b` against a long branch name would stop the process.
 */
export function globToRe2(glob: string): GlobSource {
  try {
    return { ok: true, source: new GlobTranslator(glob).translate() };
  } catch (error) {
    if (error instanceof BadGlob) return { ok: false, expected: error.message };
    throw error;
  }
}

/** True when the pattern is a plain text that matches itself alone. */
export function isLiteralGlob(glob: string): boolean {
  return !/[*?[\]{}\\]/.test(glob);
}

class GlobTranslator {
  #at = 0;
  #braces = 0;

  constructor(private readonly glob: string) {
    if (glob.startsWith('!')) throw new BadGlob('no leading "!" (write what must not match under "unless")');
    if (/\[:\w+:\]/.test(glob)) throw new BadGlob('ranges of characters instead of named classes');
    if (/[@+*?!]\(/.test(glob)) throw new BadGlob('a glob without (...) groups (write {a,b})');
  }

  translate(): string {
    let source = '';
    while (this.#at < this.glob.length) source += this.#next();
    if (this.#braces > 0) throw new BadGlob('a "}" for each "{"');
    return source;
  }

  #next(): string {
    const char = this.glob[this.#at] ?? '';
    if (char === '*') return this.#stars();
    if (char === '[') return this.#charClass();
    const tail = /^(?:\/\*\*)+$/.exec(this.glob.slice(this.#at));
    if (tail !== null) return this.#take(tail[0].length, '(?:/.*)?');
    if (char === '?') return this.#take(1, '[^/]');
    if (char === '\\') return this.#escaped();
    if ('{},'.includes(char)) return this.#brace(char);
    return this.#literal();
  }

  /** `**` is special only as a whole part: between slashes or at an end of the glob or of an alternative. */
  #stars(): string {
    const run = /^\*+/.exec(this.glob.slice(this.#at))?.[0].length ?? 1;
    const before = this.#at === 0 ? '/' : (this.glob[this.#at - 1] ?? '/');
    const after = this.glob[this.#at + run];
    if (run !== 2 || !'/{,'.includes(before)) return this.#take(run, '[^/]*');
    if (after === '/') return this.#take(3, '(?:.*/)?');
    return after === undefined || '},'.includes(after) ? this.#take(2, '.*') : this.#take(2, '[^/]*');
  }

  #charClass(): string {
    const match = /^\[([!^]?)(\]?(?:\\.|[^\]\\])*)\]/su.exec(this.glob.slice(this.#at));
    const members = match?.[2] ?? '';
    if (match === null || members === '') throw new BadGlob('a "]" for each "["');
    const source = members.replace(/\\?(.)/gsu, classMember);
    // What is left out of a class never lets a slash in: a class stands for one character of a part.
    return this.#take(match[0].length, match[1] === '' ? `[${source}]` : `[^/${source}]`);
  }

  #escaped(): string {
    this.#at += 1;
    if (this.#at >= this.glob.length) throw new BadGlob('a character after "\\"');
    return this.#literal();
  }

  #brace(char: string): string {
    if (char === '{') this.#braces += 1;
    if (char === '}' && this.#braces === 0) throw new BadGlob('a "{" for each "}"');
    if (char === ',' && this.#braces === 0) return this.#take(1, ',');
    if (char === '}') this.#braces -= 1;
    return this.#take(1, char === '{' ? '(?:' : char === '}' ? ')' : '|');
  }

  #literal(): string {
    const char = String.fromCodePoint(this.glob.codePointAt(this.#at) ?? 0);
    return this.#take(char.length, char.replace(/[\\^$.*+?()[\]{}|]/, '\\$&'));
  }

  #take(length: number, source: string): string {
    this.#at += length;
    return source;
  }
}

/** Only an unescaped `-` means a range; the rest of RE2's class syntax means itself. */
function classMember(written: string, char: string): string {
  const isRange = char === '-' && written === '-';
  return /[!-/:-@[-^`{-~]/.test(char) && !isRange ? `\\${char}` : char;
}
