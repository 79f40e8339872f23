/** How a sample is spread; in the sample's unit. */
export interface Spread {
  readonly count: number;
  readonly p50: number;
  readonly p99: number;
  readonly max: number;
}

/** The spread of a sample of at least one value. */
export function spreadOf(sample: readonly number[]): Spread {
  const sorted = Float64Array.from(sample).sort();
  if (sorted.length === 0) throw new Error('nothing was measured');
  return {
    count: sorted.length,
    p50: quantile(sorted, 0.5),
    p99: quantile(sorted, 0.99),
    max: quantile(sorted, 1),
  };
}

/** The least value that at least this share of the sample does not exceed. */
function quantile(sorted: Float64Array, share: number): number {
  return sorted[Math.max(0, Math.ceil(sorted.length * share) - 1)] ?? Number.NaN;
}
