/** Most that set-ups of one project may leave, where nobody says. */
export const DEFAULT_CACHE_SIZE = '2GB';

const UNITS: Readonly<Record<string, number>> = { MB: 1_000_000, GB: 1_000_000_000 };

/** @param text as the schema has it: a whole number and MB or GB. @returns bytes. */
export function sizeBytes(text: string): number {
  const unit = text.slice(-2);
  return Number(text.slice(0, -2)) * (UNITS[unit] ?? NaN);
}
