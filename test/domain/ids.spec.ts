import { isBranchName, isOid, isProjectKey, isTaskKey, parseTaskId, taskIdOf, taskStream } from '../../src/domain/ids';

/** Names that are a command, an option, a path or a riddle in some program that gets to see them. */
const HOSTILE_BRANCHES = [
  '',
  '-x',
  '--upload-pack=touch${IFS}/tmp/canary',
  '--exec=id',
  '-c',
  'a/-b',
  'feature/--help',
  '$(id)',
  '`id`',
  'a;rm -rf .',
  'a&&id',
  'a|id',
  'a>b',
  '<img/src=x>',
  "a'b",
  'a"b',
  'a b',
  ' a',
  'a\tb',
  'a\nb',
  'main\u0000x',
  '../../etc/passwd',
  'a/../b',
  'a..b',
  'HEAD',
  '@',
  'a@{1}',
  'a~1',
  'a^',
  'a:b',
  'a?b',
  'a*',
  'a[b',
  'a\\b',
  '/a',
  'a/',
  'a//b',
  '.a',
  'a/.b',
  'a.',
  'a./b',
  'a.lock',
  'x/y.lock/z',
  'feature/ä',
  'm\u0430in',
  'a\u202eb',
  'x'.repeat(201),
];
const PLAIN_BRANCHES = [
  'main',
  'a',
  'feature/queue',
  'WEB-1',
  '_x',
  'a.b',
  'v1.2.3',
  'a-b/c_d',
  '0',
  'heads/HEAD',
  'x'.repeat(200),
];

describe('a branch name', () => {
  test.each(HOSTILE_BRANCHES.map((name) => [name]))('is refused: %j', (name) => {
    expect(isBranchName(name)).toBe(false);
  });

  test.each(PLAIN_BRANCHES.map((name) => [name]))('is taken: %s', (name) => {
    expect(isBranchName(name)).toBe(true);
  });

  test('has been tried on no fewer than 40 hostile ones', () => {
    expect(new Set(HOSTILE_BRANCHES).size).toBeGreaterThanOrEqual(40);
  });
});

describe('a task id', () => {
  test('is a project and a task, and nothing that would be a folder or an option in a ref', () => {
    expect(parseTaskId('web.WEB-1')).toEqual({ project: 'web', task: 'WEB-1' });
    for (const text of [
      'web',
      'web.',
      '.x',
      'Web.x',
      'web.a/b',
      'web.a.b',
      'web.-x',
      'web._x',
      'web. x',
      'web.x\n',
      '..',
    ]) {
      expect(parseTaskId(text)).toBeNull();
    }
  });

  test('survives the way there and back', () => {
    expect(parseTaskId(taskIdOf('web', 'WEB-1'))).toEqual({ project: 'web', task: 'WEB-1' });
    expect(taskStream('web.WEB-1')).toBe('task-web.WEB-1');
  });

  test('has keys of bounded length', () => {
    expect([isProjectKey('p'.repeat(40)), isProjectKey('p'.repeat(41)), isProjectKey('')]).toEqual([
      true,
      false,
      false,
    ]);
    expect([isTaskKey('T'.repeat(64)), isTaskKey('T'.repeat(65)), isTaskKey('')]).toEqual([true, false, false]);
  });
});

test('an object id is whole: 40 or 64 lower-case hexadecimal digits', () => {
  expect([isOid('a'.repeat(40)), isOid('0'.repeat(64))]).toEqual([true, true]);
  for (const text of ['a'.repeat(39), 'a'.repeat(41), 'A'.repeat(40), 'g'.repeat(40), '', `${'a'.repeat(40)}\n`]) {
    expect(isOid(text)).toBe(false);
  }
});
