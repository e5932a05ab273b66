import type { DemoSummary } from '../../src/cli/demo/summary';
import { lastJson, type CliResult } from './cli';

/** How every task of the demo ends, on whichever stores: as the demo announces it, with one alert and main moved. */
export function expectAsAnnounced(result: CliResult): DemoSummary {
  expect(result.stderr).toBe('');
  const { summary } = lastJson(result) as { summary: DemoSummary };
  const ends = summary.tasks.map(({ id, stage, status }) => `${id} ${stage} ${status}`);
  expect(ends).toEqual([
    'shop.greeting done landed',
    'shop-bots.discount done landed',
    'shop.search done landed',
    'shop.catalogue deploy-staging held',
    'shop.price-tag development conflict',
  ]);
  expect(result.code).toBe(0);
  expect(summary.alerts).toHaveLength(1);
  expect(summary.mainAfter).not.toBe(summary.mainBefore);
  return summary;
}
