import { CLASS_EFFECTS, FAILURE_CLASSES } from '../../src/domain/merge/failure-class';
import { DEFAULT_BUDGETS, DEFAULT_FLAKE_RETRIES } from '../../src/domain/policy/project-policy';
import { JOB_KINDS, JOBS } from '../../src/domain/task/job-table';
import { STAGE_TRANSITIONS, type OnGateFailed, type StageRow } from '../../src/domain/task/pipeline';
import { codeIn, expectGeneratedPart, markdownTable, rowsUnder, sources } from './pages';

const PAGE = 'docs/concepts.md';
const LANE_WORDS = { none: 'no', held: 'yes', fresh: 'a newer grant' } as const;

it('the pipeline table is the one in the code', () => {
  const head = ['#', 'stage', 'produced by', 'artifact and verdict', 'exit gates, in order', 'a failed gate leads to'];
  const rows = STAGE_TRANSITIONS.map((row, index) => [
    String(index + 1),
    `\`${row.stage}\``,
    producerOf(row),
    artifactOf(row),
    row.gates.map((gate) => `\`${gate}\``).join(', '),
    consequenceOf(row.onGateFailed),
  ]);
  expectGeneratedPart(PAGE, 'pipeline', markdownTable(head, [...rows, ['10', '`done`', '', '', '', '']]));
});

it('the table of jobs is the one in the code', () => {
  const head = ['job', 'the service', 'for gate', 'lane', 'at once', 'stopped by its limit or a shutdown'];
  const rows = JOB_KINDS.map((kind) => {
    const { does, gate, lane, slots, isAbortable } = JOBS[kind];
    return [
      kind === 'agent' ? '`agent:<role>`' : `\`${kind}\``,
      does.replace('%', 'agent of that role'),
      gate === null ? '' : `\`${gate}\``,
      LANE_WORDS[lane],
      String(slots.fallback),
      isAbortable ? 'yes' : 'no: it is waited for',
    ];
  });
  expectGeneratedPart(PAGE, 'jobs', markdownTable(head, rows));
});

it('budgets are listed with their defaults', () => {
  const rows = rowsUnder(PAGE, 'Budgets').map(([name = '', fallback]) => [codeIn(name)[0], Number(fallback)]);
  expect(Object.fromEntries(rows)).toEqual({ ...DEFAULT_BUDGETS, flake: DEFAULT_FLAKE_RETRIES });
});

it('every failure class is explained', () => {
  const rows = rowsUnder(PAGE, 'Executed or not').filter(([name = '']) => codeIn(name).length > 0);
  expect(rows.map(([name = '']) => codeIn(name)[0])).toEqual([...FAILURE_CLASSES]);
  const spends = rows.map(([name = '', , budget]) => [codeIn(name)[0], budget]);
  expect(spends).toEqual(FAILURE_CLASSES.map((name) => [name, CLASS_EFFECTS[name].budget]));
});

it('every word of the glossary that claims to be in the code is there', () => {
  const text = sources();
  const missing = rowsUnder('docs/glossary.md', 'Glossary').flatMap(([term = '', , names = '']) =>
    codeIn(names)
      .filter((name) => !new RegExp(`\\b${name}\\b`).test(text))
      .map((name) => `${term}: ${name}`),
  );
  expect(missing).toEqual([]);
});

it('the glossary names each term once, in order', () => {
  const terms = rowsUnder('docs/glossary.md', 'Glossary').map(([term = '']) => term.toLowerCase());
  expect(terms).toEqual([...new Set(terms)].sort((a, b) => a.localeCompare(b)));
  expect(terms.length).toBeGreaterThan(40);
});

function producerOf({ producer, fallback }: StageRow): string {
  if (producer === null) return '';
  return `\`${producer}\`${fallback === null ? '' : `, else \`${fallback}\``}`;
}

function artifactOf({ artifact, commits }: StageRow): string {
  if (!artifact) return commits ? 'commits on the branch' : '';
  const { file, verdictKey, passes, fails } = artifact;
  return `\`${file}\`: \`${verdictKey}\` is \`${passes}\`${fails === null ? '' : ` or \`${fails}\``}`;
}

function consequenceOf(action: OnGateFailed): string {
  switch (action.to) {
    case 'rejected':
      return '`rejected`';
    case 'same-stage':
      return `the same stage once more (${action.budget} budget)`;
    case 'development':
      return '`development` (developer budget)';
    case 'hold':
      return 'held for a person';
  }
}
