import { PLACEHOLDERS } from '../../src/domain/brief/template';
import { AGENT_ROLES } from '../../src/domain/task/pipeline';
import { readVerdict } from '../../src/domain/staging/front-matter';
import { STAGE_TRANSITIONS } from '../../src/domain/task/pipeline';
import { codeIn, rowsUnder, textOf } from './pages';

const PAGE = 'docs/agents.md';

it('the roles are those of the pipeline, with their files and verdicts', () => {
  const expected = AGENT_ROLES.map((role) => {
    const row = STAGE_TRANSITIONS.find(({ producer, fallback }) => producer === role || fallback === role);
    const { file, verdictKey, passes, fails } = row?.artifact ?? {};
    const verdict = file === undefined ? [] : [`${verdictKey ?? ''}: ${passes ?? ''}`, ...(fails ? [fails] : [])];
    return [role, row?.stage, file ?? 'origin', ...verdict];
  });
  expect(rowsUnder(PAGE, 'Roles').map((row) => row.flatMap(codeIn))).toEqual(expected);
});

it('the variables are those that are handed over', () => {
  const code = ['src/domain/brief/render-brief.ts', 'src/infrastructure/agents/command-agent-transport.ts'];
  const handed = code.flatMap((file) =>
    [...textOf(file).matchAll(/^\s+(STAGEGATE_\w+):/gm)].map(([, name = '']) => name),
  );
  const documented = rowsUnder(PAGE, 'What an agent gets').map(([name = '']) => codeIn(name)[0] ?? '');
  expect([...documented].sort()).toEqual([...handed].sort());
});

it('the placeholders of templates are those of the code, in its words', () => {
  const documented = rowsUnder(PAGE, 'Templates').map(([name = '', what]) => [codeIn(name)[0], what]);
  expect(documented).toEqual(Object.entries(PLACEHOLDERS).map(([name, what]) => [`{{${name}}}`, what]));
});

it('the reasons of agent errors are those of the code', () => {
  const saga = textOf('src/application/sagas/agent-job.saga.ts');
  const reasons = [...saga.matchAll(/'((?:exit|no|malformed)-[a-z]+)'/g)].map(([, reason = '']) => reason);
  const documented = rowsUnder(PAGE, 'How it can end').flatMap(([what = '']) => codeIn(what));
  expect(reasons.filter((reason) => !documented.includes(reason))).toEqual([]);
});

describe('the rules of an artifact hold', () => {
  const read = (text: string) => readVerdict('testing', 'agent', new TextEncoder().encode(text)).kind;
  const good = '---\ntest_status: PASSED\nsummary: all of it\n---\n    ---\n    test_status: FAILED\n';

  it.each([
    ['another task', 'task: web.T2'],
    ['another commit', `subject_oid: ${'b'.repeat(40)}`],
  ])('one that names %s is malformed', (_, line) => {
    const named = (value: string) => new TextEncoder().encode(good.replace('---\n ', `${value}\n---\n `));
    const about = { task: 'web.T1', headOid: 'a'.repeat(40) };
    expect(readVerdict('testing', 'agent', named(line), about).kind).toBe('malformed');
    for (const own of ['task: web.T1', `subject_oid: ${'a'.repeat(40)}`])
      expect(readVerdict('testing', 'agent', named(own), about)).toEqual({ kind: 'ok', status: 'PASSED' });
  });

  it('the documented form is read', () => {
    expect(read(good)).toBe('ok');
  });

  it.each([
    ['a byte-order mark', `\uFEFF${good}`],
    ['carriage returns', good.replaceAll('\n', '\r\n')],
    ['a first line that is something else', `\n${good}`],
    ['two spaces after the colon', good.replace(': PASSED', ':  PASSED')],
    ['a value with a space at its end', good.replace('PASSED', 'PASSED ')],
    ['the verdict twice', good.replace('---\n ', 'test_status: PASSED\n---\n ')],
    ['another value', good.replace('PASSED', 'GREEN')],
    ['another key', good.replace('summary', 'note')],
    ['a second block', `${good}---\n`],
    ['a line below that begins with the key', `${good}test_status: PASSED\n`],
    ['more than 1 MiB', good + ' '.repeat(1024 * 1024)],
  ])('%s is malformed', (_, text) => {
    expect(read(text)).toBe('malformed');
  });
});
