/** Seeded randomness: everything a simulated history does by chance comes from one of these. */
export interface Random {
  /** Uniform in [0, 1). */
  next(): number;
  /** Uniform whole number from 0 to below `n`. */
  below(n: number): number;
  chance(probability: number): boolean;
  /** Uniform in [from, to). */
  between(from: number, to: number): number;
  pick<T>(values: readonly T[]): T;
  hex(digits: number): string;
}

/** mulberry32: 32 bits of state are plenty for histories of some thousand draws. Source: Tommy Ettinger, public domain. */
export function seeded(seed: number): Random {
  let state = (seed * 0x9e3779b1) >>> 0;
  const next = () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let t = state;
    t = Math.imul(t ^ (t >>> 15), t | 1);
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296;
  };
  const below = (n: number) => Math.floor(next() * n);
  return {
    next,
    below,
    chance: (probability) => next() < probability,
    between: (from, to) => from + next() * (to - from),
    pick: <T>(values: readonly T[]) => values[below(values.length)] as T,
    hex: (digits) => Array.from({ length: digits }, () => below(16).toString(16)).join(''),
  };
}
