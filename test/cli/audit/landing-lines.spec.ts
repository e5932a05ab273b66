import { landingLines } from '../../../src/cli/audit/landing-lines';
import type { LandingFinding } from '../../../src/domain/landings/landing';

const landing = {
  oid: 'a'.repeat(40),
  parents: [],
  treeOid: '',
  author: 'Ann',
  at: '2026-11-12T08:00:00.000Z',
  subject: 'Land',
};
const commit = (letter: string) => ({
  oid: letter.repeat(40),
  author: 'Bob',
  at: '2026-11-10T08:00:00Z',
  subject: `Fix ${letter}`,
});
const file = (path: string, undone: LandingFinding['undone']): LandingFinding => ({
  rule: 'old-content',
  path,
  undone,
  lines: [],
});

it('has a line for the landing, one for each undone commit, and the files of it below, the first ten', () => {
  const [one, other] = [commit('b'), commit('c')];
  const many = Array.from({ length: 14 }, (_, at) => file(`src/${at}.js`, [one]));
  const findings = [file('x.js', [other, one]), ...many, { ...file('y.js', []), rule: 'merge-edited' as const }];
  expect(landingLines(landing, findings)).toEqual([
    'aaaaaaaaaa  2026-11-12  Ann: Land',
    '  undid cccccccccc  2026-11-10  Bob: Fix c, and 1 more commits',
    '    old-content  x.js',
    '  undid bbbbbbbbbb  2026-11-10  Bob: Fix b',
    ...Array.from({ length: 10 }, (_, at) => `    old-content  src/${at}.js`),
    '    and 4 more',
    '  differs from what git makes of its two sides',
    '    merge-edited  y.js',
  ]);
});

it('a commit without a date says so', () => {
  expect(landingLines({ ...landing, at: null }, [])).toEqual(['aaaaaaaaaa  no date  Ann: Land']);
});
