/** Letters of a word that are compared. */
const MAX_LENGTH = 40;

/**
 * Comparisons of a file, each up to 2,000 steps: as many as a file full of mistakes needs for its first hundreds. With
 * anchors, 1 MiB could ask for ten million (330 s were measured).
 */
const COMPARISONS = 5_000;

/** Finds out what mistyped words were meant to be, for one file, within bounded work. */
export class Suggestions {
  #left = COMPARISONS;

  /** `; did you mean "x"?` as a continuation of a sentence, or nothing. */
  didYouMean(word: string, candidates: readonly string[]): string {
    const candidate = this.#nearest(word.slice(0, MAX_LENGTH).toLowerCase(), candidates);
    return candidate === null ? '' : `; did you mean "${candidate}"?`;
  }

  /** The candidate of which the fewest letters differ; null when more than a third do. */
  #nearest(word: string, candidates: readonly string[]): string | null {
    const limit = Math.max(1, Math.floor(word.length / 3));
    const ranked = candidates
      .filter((candidate) => Math.abs(candidate.length - word.length) <= limit && this.#takeOne())
      .map((candidate) => ({ candidate, distance: distance(word, candidate.toLowerCase()) }))
      .filter((entry) => entry.distance <= limit)
      .sort((a, b) => a.distance - b.distance);
    return ranked[0]?.candidate ?? null;
  }

  #takeOne(): boolean {
    this.#left -= 1;
    return this.#left >= 0;
  }
}

/** Levenshtein's distance, one row at a time. */
function distance(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, n) => n);
  for (let i = 1; i <= a.length; i += 1) {
    const next = [i];
    for (let j = 1; j <= b.length; j += 1) {
      const replaced = (row[j - 1] ?? 0) + (a[i - 1] === b[j - 1] ? 0 : 1);
      next.push(Math.min(replaced, (row[j] ?? 0) + 1, (next[j - 1] ?? 0) + 1));
    }
    row = next;
  }
  return row[b.length] ?? 0;
}
