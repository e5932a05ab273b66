import { createHash } from 'node:crypto';
import { inspectRepository } from '../../../src/infrastructure/git/inspect';
import { codeOf, GitBed, TASK } from './git-bed';

let bed: GitBed;
beforeEach(() => {
  bed = new GitBed();
});
afterEach(() => {
  bed.dispose();
});

const digest = (content: string) => createHash('sha256').update(content).digest('hex');
const pointerTo = (content: string) =>
  `version https://git-lfs.github.com/spec/v1\noid sha256:${digest(content)}\nsize ${content.length}\n`;

async function run(branch = 'feature') {
  const { headOid: oid, baseOid } = await bed.workspace.fetch(bed.repository(), TASK, branch);
  return bed.workspace.disposableClone(bed.repository(), { oid, baseOid, depth: 'full', name: 'run' });
}

describe('Git LFS', () => {
  test.each([
    ['attributes for files that are not there', { '.gitattributes': '*.bin filter=lfs -text\n', 'a.txt': 'a\n' }],
    ['a file that is no pointer', { '.gitattributes': '*.bin filter=lfs\n', 'a.bin': 'short\n' }],
    ['a pointer that no attribute speaks of', { '.gitattributes': '*.jpg filter=lfs\n', 'a.bin': pointerTo('a') }],
    [
      'attributes that a nearer file takes back',
      { '.gitattributes': '*.bin filter=lfs\n', 'x/.gitattributes': '*.bin -filter\n', 'x/a.bin': pointerTo('a') },
    ],
    ['words in another file', { 'notes.txt': 'filter=lfs\n', 'a.bin': pointerTo('a') }],
  ])('is none of the matter: %s', async (_what, files) => {
    bed.push('feature', files, 'main');
    expect(await inspectRepository(bed.repository(), 'feature')).toMatchObject({ unsupported: [] });
    expect(await codeOf(run())).toMatch(/^resolved/);
  });

  test.each([
    [
      'by its ending',
      {
        '.gitattributes': '*.bin filter=lfs diff=lfs merge=lfs -text\n',
        'x/a.bin': pointerTo('a'),
        'x/b.bin': pointerTo('b'),
      },
      /^"x\/a\.bin" and 1 more: /,
    ],
    ['in a folder', { 'x/.gitattributes': 'a.bin filter=lfs\n', 'x/a.bin': pointerTo('a') }, /^"x\/a\.bin": /],
    ['by a macro', { '.gitattributes': '[attr]big filter=lfs\n*.bin big\n', 'a.bin': pointerTo('a') }, /^"a\.bin": /],
  ])('keeps a file, which is named: %s', async (_what, files, says) => {
    bed.push('feature', files, 'main');
    const facts = await inspectRepository(bed.repository(), 'feature');
    expect(facts.unsupported).toEqual([expect.stringMatching(says)]);
    await expect(run()).rejects.toMatchObject({ code: 'GIT_UNSUPPORTED', message: facts.unsupported[0] });
  });
});
