import type { DemoSummary } from '../../src/cli/demo/summary';
import { lastJson, runCli } from '../support/cli';

it('demo: every task ends as announced, one alert, and main moved', async () => {
  const result = await runCli(['demo', '--once', '--json']);
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
  expect(result.stderr).toBe('');
}, 180_000);
