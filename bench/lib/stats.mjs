/** Fewest samples from which a percentile is published: below, it rests on a handful of values. */
const ENOUGH_FOR_P99 = 500;
const ENOUGH_FOR_P999 = 10_000;

/** @param {readonly number[]} values @returns null for none. */
export function median(values) {
  return quantile(values, 0.5);
}

/** Nearest-rank quantile. @param {readonly number[]} values @param {number} share 0 to 1. */
export function quantile(values, share) {
  if (values.length === 0) return null;
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.max(0, Math.ceil(share * sorted.length) - 1)];
}

/** Latencies as they are published, milliseconds. @param {readonly number[]} values */
export function latencies(values) {
  const n = values.length;
  return {
    p50: rounded(quantile(values, 0.5)),
    p99: n >= ENOUGH_FOR_P99 ? rounded(quantile(values, 0.99)) : null,
    p999: n >= ENOUGH_FOR_P999 ? rounded(quantile(values, 0.999)) : null,
    n,
  };
}

/** Three significant digits: what a shared machine can tell apart. @param {number | null} value */
export function rounded(value) {
  return value === null || !Number.isFinite(value) ? null : Number(value.toPrecision(3));
}
