/** True for text that PostgreSQL can store and UTF-8 can carry: no NUL and no half of a surrogate pair. */
export function isStorable(text: string): boolean {
  return !text.includes('\0') && text.isWellFormed();
}

/** Text as it can be stored: NUL and lone surrogates become U+FFFD. For what must never be refused (a build's end). */
export function toStorable(text: string): string {
  return isStorable(text) ? text : text.replaceAll('\0', '\uFFFD').toWellFormed();
}

/** At most `limit` UTF-16 units of storable text, with an ellipsis where something was cut; never half a character. */
export function cut(text: string, limit: number): string {
  const clean = toStorable(text);
  return clean.length <= limit
    ? clean
    : `${clean
        .slice(0, limit - 1)
        .toWellFormed()
        .replace(/\uFFFD$/, '')}…`;
}
