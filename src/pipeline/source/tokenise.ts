import { type CST, Lexer, LineCounter, Parser } from 'yaml';
import { limits } from '../limits.js';

/** Why a text is not YAML that we read; `offset` in UTF-16 units. */
export interface SourceFault {
  readonly offset: number;
  readonly value: string;
  readonly expected: string;
}

export type Tokenised =
  | { readonly ok: true; readonly tokens: readonly CST.Token[]; readonly lines: LineCounter }
  | { readonly ok: false; readonly fault: SourceFault; readonly lines: LineCounter };

/**
 * Text to concrete syntax. Lexer and parser of the library keep their own stack, its composer recurses: so depth is
 * judged here, before the composer sees anything.
 */
export function tokenise(text: string): Tokenised {
  const lines = new LineCounter();
  lines.addNewLine(0);
  const parser = new Parser(lines.addNewLine);
  const tokens: CST.Token[] = [];
  let lexemes = 0;
  for (const lexeme of new Lexer().lex(text)) {
    lexemes += 1;
    for (const token of parser.next(lexeme)) tokens.push(token);
    const expected = exceeded(parser.stack.length, lexemes);
    if (expected !== null) {
      return { ok: false, lines, fault: { offset: parser.offset, value: lexeme, expected } };
    }
  }
  for (const token of parser.end()) tokens.push(token);
  return { ok: true, tokens, lines };
}

function exceeded(open: number, lexemes: number): string | null {
  if (open > limits.openConstructs) return 'fewer levels of nesting';
  if (lexemes > limits.lexemes) return `at most ${limits.lexemes} YAML tokens`;
  return null;
}
