const UNITS: Readonly<Record<string, number>> = { ms: 1, s: 1000, m: 60_000, h: 3_600_000, d: 86_400_000 };
const DURATION = /^([1-9][0-9]{0,8})(ms|s|m|h)$/;
/** A run of more than a day is a mistaken unit. */
export const MAX_DURATION_MS = 24 * 3_600_000;

/** @returns milliseconds of `900s`, `10m`, `500ms` or `1h`; null for anything else, and for more than a day. */
export function durationMs(text: string): number | null {
  const [, digits = '', unit = ''] = DURATION.exec(text) ?? [];
  const ms = Number(digits) * (UNITS[unit] ?? 0);
  return ms > 0 && ms <= MAX_DURATION_MS ? ms : null;
}

/** @param text as the schema lets it through: `90m`, `12h`, `7d`. */
export function ageMs(text: string): number {
  return Number(text.slice(0, -1)) * (UNITS[text.slice(-1)] ?? 0);
}
