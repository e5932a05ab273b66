import { METRICS } from '../../src/infrastructure/telemetry/metric-table';
import { expectGeneratedPart, markdownTable, textOf } from './pages';

const PAGE = 'docs/metrics.md';

it('the metrics are those of the table', () => {
  const rows = Object.values(METRICS).map(({ name, type, labels, source, help }) => [
    `\`${name}\``,
    type,
    labels.map((label) => `\`${label}\``).join(', '),
    source,
    help,
  ]);
  expectGeneratedPart(PAGE, 'metrics', markdownTable(['metric', 'type', 'labels', 'from', 'meaning'], rows));
});

it('rules and queries name metrics that are there', () => {
  const known = new Set(
    Object.values(METRICS).flatMap(({ name, type }) =>
      type === 'histogram' ? [`${name}_bucket`, `${name}_count`, `${name}_sum`] : [name],
    ),
  );
  const [, examples = ''] = textOf(PAGE).split('## Alert rules');
  const named = [...examples.matchAll(/\bstagegate_[a-z_]+/g)].map(([name]) => name);
  expect(named.length).toBeGreaterThan(5);
  expect(named.filter((name) => !known.has(name))).toEqual([]);
});
