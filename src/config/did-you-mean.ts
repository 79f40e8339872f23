/** The candidate that differs least from `given`, if it is close enough to be a slip of the finger. */
export function closestTo(given: string, candidates: readonly string[]): string | undefined {
  const ranked = candidates
    .map((candidate) => ({ candidate, distance: editDistance(given, candidate) }))
    .sort((a, b) => a.distance - b.distance);
  const [best] = ranked;
  return best !== undefined && best.distance <= Math.max(2, given.length / 4) ? best.candidate : undefined;
}

/** Levenshtein's distance: insertions, deletions and replacements that lead from one text to the other. */
function editDistance(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, index) => index);
  for (let i = 1; i <= a.length; i += 1) row = nextRow(row, { i, a, b });
  return row[b.length] ?? 0;
}

function nextRow(row: readonly number[], at: { i: number; a: string; b: string }): number[] {
  const next = [at.i];
  for (let j = 1; j <= at.b.length; j += 1) {
    const replace = (row[j - 1] ?? 0) + (at.a[at.i - 1] === at.b[j - 1] ? 0 : 1);
    next.push(Math.min((row[j] ?? 0) + 1, (next[j - 1] ?? 0) + 1, replace));
  }
  return next;
}
