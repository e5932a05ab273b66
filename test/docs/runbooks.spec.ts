import { readFileSync } from 'node:fs';
import { ALERT_KINDS } from '../../src/domain/alerts/alert-kind';

const page = readFileSync('docs/alerts.md', 'utf8');
const runbooks = page.slice(page.indexOf('\n## Runbooks\n'));
const sections = new Map(
  runbooks
    .split('\n### ')
    .slice(1)
    .map((section) => [section.slice(0, section.indexOf('\n')), section] as const),
);

test('there is a runbook for each kind of alert, and for nothing else', () => {
  expect([...sections.keys()].sort()).toEqual([...ALERT_KINDS].sort());
});

test.each(ALERT_KINDS)('that of %s says what it means, what to look at and what to do', (kind) => {
  const labels = [...(sections.get(kind) ?? '').matchAll(/^- \*\*(\w+):\*\* .+/gm)].map(([, label]) => label);
  expect(labels).toEqual(['Means', 'Look', 'Do']);
});
