import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync, readlinkSync } from 'node:fs';
import { join } from 'node:path';
import { codeOf, GitBed, TASK } from './git-bed';

let bed: GitBed;
beforeEach(() => {
  bed = new GitBed();
});
afterEach(() => {
  bed.dispose();
});

/** A branch of the bare repository on top of main, by what fast-import is told. */
async function branch(...changes: readonly (string | Buffer)[]) {
  const lines = ['commit refs/heads/feature', 'committer Ann <a@b.c> now', 'data 1', 'x', 'from refs/heads/main^0'];
  const input = Buffer.concat(
    [...lines, ...changes, ''].map((line) => Buffer.concat([Buffer.from(line), Buffer.from('\n')])),
  );
  execFileSync('git', ['fast-import', '--quiet', '--date-format=now', '--force'], { cwd: bed.dir, input });
  const { headOid, baseOid } = await bed.workspace.fetch(bed.repository(), TASK, 'feature');
  return { from: baseOid, to: headOid };
}

const file = (path: string, text: string) => [`M 100644 inline ${path}`, `data ${Buffer.byteLength(text)}`, text];

test('tells what is gone, what is new and what is changed, whatever the names are', async () => {
  bed.commit('main', { 'a b.txt': 'a\n', 'gone.txt': 'x\n', 'mode.sh': 'm\n', 'tab\tquote".txt': 'q\n' });
  const range = await branch(
    ...file('"tab\\tquote\\".txt"', 'other\n'),
    'D gone.txt',
    ...file('ünïcode.txt', 'new\n'),
    'M 100755 inline mode.sh',
    'data 2',
    'm\n',
    'M 120000 inline link',
    'data 5',
    'a b.x',
  );
  const entries = await bed.workspace.changedEntries(bed.repository(), range);
  const told = entries.map(({ path, before, after }) => `${path}: ${before?.mode ?? '-'} ${after?.mode ?? '-'}`);
  expect(told.sort()).toEqual([
    'gone.txt: 100644 -',
    'link: - 120000',
    'mode.sh: 100644 100755',
    'tab\tquote".txt: 100644 100644',
    'ünïcode.txt: - 100644',
  ]);
  const { files, links } = await bed.workspace.treeFiles(bed.repository(), range.to);
  expect([...files.keys()]).toContain('ünïcode.txt');
  expect(links).toEqual(new Map([['link', 'a b.x']]));
});

test('reads texts, and neither what is binary nor what nobody writes as a test', async () => {
  const large = 'x'.repeat(1024 * 1024 + 1);
  const range = await branch(...file('text', 'ä\n'), ...file('binary', 'a\0b'), ...file('large', large));
  const entries = await bed.workspace.changedEntries(bed.repository(), range);
  const oids = entries.flatMap(({ after }) => (after ? [after.oid] : []));
  const texts = await bed.workspace.blobTexts(bed.repository(), [...oids, ...oids]);
  expect([...texts.values()]).toEqual(['ä\n']);
  expect(await bed.workspace.blobTexts(bed.repository(), [])).toEqual(new Map());
});

describe.each(['sha1', 'sha256'])('in a repository of %s', (objectFormat) => {
  test('a trial has what a plan says, and the rest of its commit', async () => {
    bed.dispose();
    bed = new GitBed({ objectFormat });
    bed.commit('main', { 'test/a.js': 'main\n', 'test/b.js': 'main\n', 'keep.txt': 'main\n' });
    const range = await branch(
      'D test/a.js',
      'D test/b.js',
      'M 120000 inline test',
      'data 4',
      'docs',
      ...file('keep.txt', 'branch\n'),
      ...file('conf/a/b', 'folder\n'),
    );
    const { files } = await bed.workspace.treeFiles(bed.repository(), range.from);
    const put = ['test/a.js', 'test/b.js'].flatMap((path) => {
      const found = files.get(path);
      return found ? [{ path, ...found }] : [];
    });
    const plan = { put, write: [{ path: 'conf/a', mode: '100644', text: 'one file\n' }], leaveOut: [] };
    const { oid } = await bed.workspace.commitTrial(bed.repository(), { onto: range.to, plan });
    const clone = await bed.workspace.disposableClone(bed.repository(), {
      ...{ oid, baseOid: range.from, depth: 'full', name: 'trial' },
    });
    const textOf = (path: string) => readFileSync(join(clone.dir, path), 'utf8');
    expect(['test/a.js', 'keep.txt', 'conf/a'].map(textOf)).toEqual(['main\n', 'branch\n', 'one file\n']);
    expect(existsSync(join(clone.dir, 'docs'))).toBe(false);
    expect(() => readlinkSync(join(clone.dir, 'test'))).toThrow('EINVAL');
    await clone.dispose();
  });
});

test('a test whose name is in no encoding is refused: what should replace it would be another file', async () => {
  const name = Buffer.concat([Buffer.from('M 100644 inline test/'), Buffer.from([0xff]), Buffer.from('.js')]);
  const range = await branch(name, 'data 1', 'x');
  const [entry] = await bed.workspace.changedEntries(bed.repository(), range);
  const put = [{ path: entry?.path ?? '', mode: '100644', oid: entry?.after?.oid ?? '' }];
  const asked = { onto: range.to, plan: { put, write: [], leaveOut: [] } };
  expect(await codeOf(bed.workspace.commitTrial(bed.repository(), asked))).toBe('GIT_UNSUPPORTED');
});
