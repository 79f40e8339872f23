import type { Verdict } from '../job-state.js';
import type { Colours } from '../terminal.js';

const GLYPHS: Readonly<Record<Verdict, string>> = {
  WAITING: '○',
  RUNNING: '●',
  PASSED: '✓',
  FAILED: '✗',
  CANCELED: '⊘',
};

/** A glyph for a verdict; a word always stands beside it. */
export function glyphOf(verdict: Verdict): string {
  return GLYPHS[verdict];
}

/** Colours a text by a verdict. */
export function paintVerdict(text: string, verdict: Verdict, colours: Colours): string {
  const paints: Readonly<Record<Verdict, (text: string) => string>> = {
    WAITING: colours.dim,
    RUNNING: colours.cyan,
    PASSED: colours.green,
    FAILED: colours.red,
    CANCELED: colours.yellow,
  };
  return paints[verdict](text);
}
