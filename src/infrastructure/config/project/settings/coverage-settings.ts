import { hundredthsOf } from '../../../../domain/gates/coverage/figures';
import type { CoveragePolicy } from '../../../../domain/policy/project-policy';
import { seen } from '../../config-error';
import type { RawCoverage } from '../raw-project';

const SHARES = ['floor', 'tolerance', 'changedLines'] as const;

/** Why the block cannot be obeyed as it stands; null when it can. */
export function coverageFault(raw: RawCoverage): { readonly key: string; readonly text: string } | null {
  const odd = SHARES.find((key) => isTooFine(raw[key]));
  if (odd) {
    const text = `expected a number with at most two decimals, saw ${seen(String(raw[odd]))}; correct it`;
    return { key: odd, text };
  }
  const { floor = null, tolerance, changedLines } = askedOf(raw);
  if (raw.format === 'summary' && typeof raw.changedLines === 'number') {
    const text =
      'expected off, as a coverage-summary.json has no lines, saw a number; name another format, or leave it out';
    return { key: 'changedLines', text };
  }
  if (floor === null && tolerance === null && changedLines === null) {
    const text =
      'expected a number, or `floor` or `changedLines` beside it, saw all of them off: nothing would fail; leave the block out';
    return { key: 'tolerance', text };
  }
  return null;
}

/** What is left out has its default, but that of `changedLines` needs lines. */
export function askedOf({
  format,
  floor,
  tolerance,
  changedLines = format === 'summary' ? 'off' : undefined,
  sources,
}: RawCoverage): {
  readonly [K in 'format' | 'floor' | 'tolerance' | 'changedLines' | 'sources']: CoveragePolicy[K] | undefined;
} {
  return {
    format,
    floor: shareOf(floor),
    tolerance: shareOf(tolerance),
    changedLines: shareOf(changedLines),
    sources,
  };
}

function shareOf(share: number | 'off' | undefined): number | null | undefined {
  return share === 'off' ? null : share;
}

/** Shares are compared as hundredths of a percent. */
function isTooFine(share: number | 'off' | undefined): boolean {
  return typeof share === 'number' && Math.abs(share * 100 - hundredthsOf(share)) > 1e-6;
}
