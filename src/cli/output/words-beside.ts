/** Those of some words that are there and say more than the one before them, which tells a status already. */
export function wordsBeside(status: string, words: readonly (string | null)[]): string[] {
  return words.filter(
    (word): word is string => word !== null && word !== '' && word.toUpperCase() !== status,
  );
}
