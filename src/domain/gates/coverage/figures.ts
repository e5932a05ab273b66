/** Lines that can be covered, and how many of them are. Whole numbers: what is compared is never rounded. */
export interface Figure {
  readonly covered: number;
  readonly coverable: number;
}

/** What is asked of a report, in percent with at most two decimals; null: nothing. */
export interface CoverageThresholds {
  readonly floor: number | null;
  /** How much less than main's share is let through. */
  readonly tolerance: number | null;
  readonly changedLines: number | null;
}

export interface CoverageFigures {
  readonly total: Figure;
  /** Null where main was not asked. */
  readonly main: Figure | null;
  /** Of the lines that the change brings; null where nobody asks for them. */
  readonly changed: Figure | null;
}

export type CoverageRule = 'floor' | 'main' | 'changed lines';

/** A share, as a fraction of whole numbers. */
interface Share {
  readonly part: bigint;
  readonly of: bigint;
}

/** A figure that has to be at least as much as something else. */
interface Asked {
  readonly rule: CoverageRule;
  readonly figure: Figure;
  readonly least: Share;
}

const HUNDREDTHS = 10_000n;

/** The rules that the figures break. Where there is no line that could be covered, none is broken. */
export function brokenRules(figures: CoverageFigures, asked: CoverageThresholds): readonly CoverageRule[] {
  return askedOf(figures, asked)
    .filter(({ figure, least }) => compare(shareOf(figure), least) < 0)
    .map(({ rule }) => rule);
}

/**
 * A line for each rule: `floor: 79.9 % of all lines (1598 of 2000), at least 80.0 % asked`. Shares are cut, not rounded, and have as many decimals as
 * it takes to tell unequal ones apart, one at least.
 */
export function ruleLine(rule: CoverageRule, figures: CoverageFigures, asked: CoverageThresholds): string {
  const found = askedOf(figures, asked).find((each) => each.rule === rule);
  if (!found) return `${rule}: no line that could be covered`;
  const { figure, least } = found;
  const { main } = figures;
  const beside = rule === 'main' && main ? [shareOf(main)] : [];
  const decimals = decimalsFor([shareOf(figure), least, ...beside]);
  const has = main && rule === 'main' ? `, main has ${shown(shareOf(main), decimals)} (${counted(main)})` : '';
  const lines = rule === 'changed lines' ? '' : ' of all lines';
  const what = `${shown(shareOf(figure), decimals)}${lines} (${counted(figure)})`;
  return `${rule}: ${what}${has}, at least ${shown(least, decimals)} asked`;
}

/** `85.0 % (17 of 20)`; without lines there is no share. */
export function figureText(figure: Figure): string {
  return figure.coverable === 0 ? 'no lines' : `${shown(shareOf(figure), 1)} (${counted(figure)})`;
}

/** A percentage as a whole number of hundredths of it. */
export function hundredthsOf(percent: number): number {
  return Math.round(percent * 100);
}

function askedOf({ total, main, changed }: CoverageFigures, asked: CoverageThresholds): readonly Asked[] {
  const { floor, tolerance, changedLines } = asked;
  const all: Asked[] = [];
  if (floor !== null) all.push({ rule: 'floor', figure: total, least: shareOfPercent(floor) });
  if (tolerance !== null && main && main.coverable > 0)
    all.push({ rule: 'main', figure: total, least: less(shareOf(main), shareOfPercent(tolerance)) });
  if (changedLines !== null && changed)
    all.push({ rule: 'changed lines', figure: changed, least: shareOfPercent(changedLines) });
  return all.filter(({ figure }) => figure.coverable > 0);
}

function shareOf({ covered, coverable }: Figure): Share {
  return { part: BigInt(covered), of: BigInt(coverable) };
}

function shareOfPercent(percent: number): Share {
  return { part: BigInt(hundredthsOf(percent)), of: HUNDREDTHS };
}

/** Never below nothing. */
function less(one: Share, other: Share): Share {
  const part = one.part * other.of - other.part * one.of;
  return { part: part < 0n ? 0n : part, of: one.of * other.of };
}

function compare(one: Share, other: Share): number {
  const difference = one.part * other.of - other.part * one.of;
  if (difference === 0n) return 0;
  return difference < 0n ? -1 : 1;
}

const MOST_DECIMALS = 12;

/** The fewest decimals at which shares that differ look different. */
function decimalsFor(shares: readonly Share[]): number {
  for (let decimals = 1; decimals < MOST_DECIMALS; decimals += 1) {
    const isApart = shares.every((one) =>
      shares.every((other) => compare(one, other) === 0 || cut(one, decimals) !== cut(other, decimals)),
    );
    if (isApart) return decimals;
  }
  return MOST_DECIMALS;
}

function cut({ part, of }: Share, decimals: number): bigint {
  return (part * 100n * 10n ** BigInt(decimals)) / of;
}

function shown(share: Share, decimals: number): string {
  const digits = cut(share, decimals)
    .toString()
    .padStart(decimals + 1, '0');
  return `${digits.slice(0, -decimals)}.${digits.slice(-decimals)} %`;
}

function counted({ covered, coverable }: Figure): string {
  return `${covered} of ${coverable}`;
}
