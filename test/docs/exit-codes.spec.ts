import { CRASHES, KILLED_EXIT_CODES } from '../../src/infrastructure/processes/judge-run';
import { rowsUnder, textOf } from './pages';

const PAGE = 'docs/configuration.md';

it('the codes that do not count are the ones listed, with their signals', () => {
  const rows = rowsUnder(PAGE, 'Commands').filter(([code = '']) => /^\d+$/.test(code));
  const listed = rows.map(([code, signal]) => [Number(code), signal]);
  expect(listed.filter(([, signal]) => String(signal).startsWith('SIG'))).toEqual([...KILLED_EXIT_CODES]);
  expect(listed.slice(0, 2).map(([code]) => code)).toEqual([126, 127]);
  expect(listed).toHaveLength(KILLED_EXIT_CODES.size + 2);
});

it('the crashes that are red are listed too', () => {
  for (const [code, signal] of CRASHES) expect(textOf(PAGE).replace(/\s+/g, ' ')).toContain(`${signal} (${code})`);
});
