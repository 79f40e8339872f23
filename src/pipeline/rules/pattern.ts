import { RE2JS, RE2JSException } from 're2js';
import { limits } from '../limits.js';
import { globToRe2, isLiteralGlob } from './glob.js';

/** How the patterns of a ruleset are read. */
export const Matcher = { FILEPATH: 'filepath', REGEXP: 'regexp' } as const;
export type Matcher = (typeof Matcher)[keyof typeof Matcher];

/** One compiled pattern. Matching takes time linear in the value, whatever the pattern is. */
export interface Pattern {
  readonly text: string;
  readonly matcher: Matcher;
  /** True for a glob without any special character. */
  readonly isLiteral: boolean;
  /** Worst-case steps per character of a value. */
  readonly size: number;
  matches(value: string): boolean;
}

export type PatternOutcome =
  { readonly ok: true; readonly pattern: Pattern } | { readonly ok: false; readonly expected: string };

/** Compiles the patterns of one file and stops compiling when together they grew too large. */
export class PatternCompiler {
  #left: number = limits.patternSizes;

  /** The pattern, or what would have been right. */
  compile(text: string, matcher: Matcher): PatternOutcome {
    const outcome = this.#left > 0 ? compilePattern(text, matcher) : tooMany();
    this.#left -= outcome.ok ? outcome.pattern.size : (outcome.cost ?? 0);
    return outcome;
  }
}

type Attempt = PatternOutcome & { readonly cost?: number };

function tooMany(): Attempt {
  return { ok: false, expected: 'fewer or simpler patterns in the whole file' };
}

function compilePattern(text: string, matcher: Matcher): Attempt {
  if (text === '' || text.length > limits.patternLength) {
    return { ok: false, expected: `a pattern of 1 to ${limits.patternLength} characters` };
  }
  return matcher === Matcher.FILEPATH ? compileGlob(text) : compileRegexp(text);
}

function compileGlob(text: string): Attempt {
  const glob = globToRe2(text);
  if (!glob.ok) return glob;
  const literal = { text, matcher: Matcher.FILEPATH, isLiteral: true, size: 1 };
  if (isLiteralGlob(text)) {
    return { ok: true, pattern: { ...literal, matches: (value) => value === text } };
  }
  return compileRe2({ text, matcher: Matcher.FILEPATH, source: `^(?:${glob.source})$`, flags: RE2JS.DOTALL });
}

function compileRegexp(text: string): Attempt {
  return compileRe2({ text, matcher: Matcher.REGEXP, source: text, flags: 0 });
}

function compileRe2(options: { text: string; matcher: Matcher; source: string; flags: number }): Attempt {
  const { text, matcher } = options;
  try {
    const re2 = RE2JS.compile(options.source, options.flags);
    const size = re2.programSize();
    if (size > limits.patternSize) return { ok: false, expected: 'a simpler pattern', cost: size };
    return {
      ok: true,
      pattern: { text, matcher, isLiteral: false, size, matches: (value) => re2.test(value) },
    };
  } catch (error) {
    if (!(error instanceof RE2JSException)) throw error;
    const kind = matcher === Matcher.REGEXP ? 'regular expression (RE2 syntax)' : 'glob';
    return { ok: false, expected: `a valid ${kind}: ${error.message}` };
  }
}
