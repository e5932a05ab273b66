import { median, rounded } from './stats.mjs';

/** The two nearest controls may differ by this much; beyond, the machine was too busy to compare anything. */
const NOISY = 2;
/** A control this far below the median of its block says that the machine was slow, even if its neighbour agrees. */
const SLOW = 0.5;
/** An engine that does more than the control, one by one, cannot be faster than it; allowing for noise. */
const IMPOSSIBLE = 1.2;
const FEWEST_CELLS = 3;

/**
 * Gives every engine run its ratio to the controls around it, or the reason why it has none.
 *
 * @param {readonly object[]} runs in the order in which they were made
 * @param {string} control name of the control
 * @param {ReadonlySet<string>} sharing engines that may be faster than the control, because callers share commits
 */
export function withRatios(runs, control, sharing) {
  const blocks = groupBy(runs, ({ C }) => C);
  return [...blocks.values()].flatMap((block) => block.map((run, index) => judge(run, index, block, control, sharing)));
}

function judge(run, index, block, control, sharing) {
  const isControl = ({ engine }) => engine === control;
  if (isControl(run) || !run.valid) return { ...run, ctl: null, ratio: null, cpu_ratio: null };
  const before = block.slice(0, index).findLast(isControl);
  const after = block.slice(index + 1).find(isControl);
  const usual = median(block.filter((one) => isControl(one) && one.valid).map(({ tps }) => tps));
  const ctl = { before: before?.tps ?? null, after: after?.tps ?? null };
  const refused = (why) => ({ ...run, ctl, ratio: null, cpu_ratio: null, why_no_ratio: why });
  if (!before?.valid || !after?.valid) return refused('a control is missing');
  const mean = (ctl.before + ctl.after) / 2;
  if (Math.max(ctl.before, ctl.after) > NOISY * Math.min(ctl.before, ctl.after)) return refused('noisy');
  if (mean < SLOW * usual) return refused('slow machine');
  const ratio = run.tps / mean;
  if (ratio > IMPOSSIBLE && !sharing.has(run.engine)) return refused('impossible');
  const cpu = (before.cpu_us.total + after.cpu_us.total) / 2;
  return { ...run, ctl, ratio: rounded(ratio), cpu_ratio: rounded(run.cpu_us.total / cpu) };
}

/** Runs of one engine at one C, as the report shows them; `null` where too few cells count. */
export function summarize(runs) {
  const ratios = runs.filter(({ ratio }) => ratio !== null && ratio !== undefined).map(({ ratio }) => ratio);
  const valid = runs.filter((run) => run.valid);
  const of = (pick) => rounded(median(valid.map(pick).filter((value) => value !== null && value !== undefined)));
  return {
    cells: runs.length,
    valid: valid.length,
    judged: ratios.length,
    isTooNoisy: ratios.length < FEWEST_CELLS,
    ratio: rounded(median(ratios)),
    least: rounded(Math.min(...ratios)),
    most: rounded(Math.max(...ratios)),
    tps: of(({ tps }) => tps),
    cpu_us: of(({ cpu_us: cpu }) => cpu.total),
    cpu_ratio: of(({ cpu_ratio: ratio }) => ratio),
    p50: of(({ lat_ms: lat }) => lat.p50),
    p99: of(({ lat_ms: lat }) => lat.p99),
    first: of(({ first_ms: first }) => first?.p50),
    pss_mb: of(({ pss_mb: pss }) => pss.node),
  };
}

export function groupBy(items, keyOf) {
  const groups = new Map();
  for (const item of items) groups.set(keyOf(item), [...(groups.get(keyOf(item)) ?? []), item]);
  return groups;
}
