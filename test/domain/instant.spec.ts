import fc from 'fast-check';
import { parseInstant } from '../../src/domain/instant';

const RUNS = { numRuns: 2_000, seed: 14 };
const two = (value: number) => String(value).padStart(2, '0');

it.each([
  ['2025-01-31T09:30:00Z', '2025-01-31T09:30:00.000Z'],
  ['2025-01-31T09:30Z', '2025-01-31T09:30:00.000Z'],
  ['2025-01-31T09:30:00.5+05:45', '2025-01-31T03:45:00.500Z'],
  ['2024-02-29T00:00:00-00:00', '2024-02-29T00:00:00.000Z'],
  ['2025-12-31T23:59:59.999-01:00', '2026-01-01T00:59:59.999Z'],
])('%s is an instant', (text, expected) => {
  expect(parseInstant(text)).toBe(expected);
});

it.each([
  '2026-02-30T00:00:00Z',
  '2025-02-29T00:00:00Z',
  '2026-04-31T12:00Z',
  '2026-13-01T00:00Z',
  '2026-00-10T00:00Z',
  '2026-01-00T00:00Z',
  '2026-01-01T24:00:00Z',
  '2026-01-01T00:60:00Z',
  '2026-01-01T00:00:60Z',
  '2026-01-01T00:00:00+24:00',
  '2026-01-01T00:00:00+00:60',
  '2026-01-01T00:00:00',
  '2026-01-01',
  '2026-01-01 00:00:00Z',
  '20260101T000000Z',
  '+002026-01-01T00:00:00Z',
  ' 2026-01-01T00:00:00Z',
  '2026-01-01T00:00:00Z\n',
  '',
])('%j is none', (text) => {
  expect(parseInstant(text)).toBeNull();
});

it('a day is taken exactly when the calendar has it', () => {
  const day = fc.tuple(
    fc.integer({ min: 1900, max: 2100 }),
    fc.integer({ min: 0, max: 13 }),
    fc.integer({ min: 0, max: 32 }),
  );
  const see = ([year, month, date]: [number, number, number]) => {
    const isLeap = year % 4 === 0 && (year % 100 !== 0 || year % 400 === 0);
    const days = [31, isLeap ? 29 : 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31][month - 1] ?? 0;
    const text = `${year}-${two(month)}-${two(date)}T12:34:56.789Z`;
    expect(parseInstant(text)).toBe(date >= 1 && date <= days ? text : null);
  };
  fc.assert(fc.property(day, see), RUNS);
});
