/** A row of a list: its id, and the values that it is sorted by, from which the next page goes on. */
export interface PageKey {
  readonly id: string;
  readonly sortedBy: readonly string[];
}

/** Part of a list: at most `limit` rows after the one with these values, or from the beginning. */
export interface PageRequest {
  readonly after: readonly string[] | undefined;
  readonly limit: number;
}
