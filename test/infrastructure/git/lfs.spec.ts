import { readFileSync, statSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { inspectRepository } from '../../../src/infrastructure/git/inspect';
import { ATTRIBUTES, keepContent, NO_GIT_LFS, pointerTo } from '../../support/git-lfs';
import { SampleRepository } from '../../support/sample-repository';
import { testWherePossible } from '../../support/test-where-possible';
import { codeOf, GitBed, TASK } from './git-bed';

let bed: GitBed;
beforeEach(() => {
  bed = new GitBed();
});
afterEach(() => {
  bed.dispose();
});

async function run(branch = 'feature', repository = bed.repository()) {
  const { headOid: oid, baseOid } = await bed.workspace.fetch(repository, TASK, branch);
  return bed.workspace.disposableClone(repository, { oid, baseOid, depth: 'full', name: 'run' });
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
      { '.gitattributes': `*.bin ${ATTRIBUTES}\n`, 'x/a.bin': pointerTo('a'), 'x/b.bin': pointerTo('b') },
      /^"x\/a\.bin", and 1 more: /,
    ],
    ['in a folder', { 'x/.gitattributes': 'a.bin filter=lfs\n', 'x/a.bin': pointerTo('a') }, /^"x\/a\.bin": /],
    ['by a macro', { '.gitattributes': '[attr]big filter=lfs\n*.bin big\n', 'a.bin': pointerTo('a') }, /^"a\.bin": /],
  ])('keeps a file, which is named where there is no git-lfs: %s', async (_what, files, says) => {
    bed.push('feature', files, 'main');
    bed.fakeGit('case " $* " in *" lfs version "*) exit 1;; esac; exec "$REAL_GIT" "$@"');
    const { unsupported } = await inspectRepository(bed.repository(), 'feature');
    expect(unsupported).toEqual([expect.stringMatching(says)]);
    expect(unsupported[0]).toMatch(/expected git-lfs for what Git LFS keeps, saw none on the PATH; install it$/);
    await expect(run()).rejects.toMatchObject({ code: 'GIT_UNSUPPORTED', message: unsupported[0] });
  });
});

describe('with git-lfs', () => {
  const files = {
    '.gitattributes': `*.bin ${ATTRIBUTES}\n`,
    'x/a.bin': pointerTo('aaa\n'),
    'b.bin': pointerTo('bbb\n'),
  };
  const keep = (content: string, { at = bed.dir, as = content } = {}) => keepContent(at, content, as);

  testWherePossible(NO_GIT_LFS, 'a run has the files themselves, and a clone in which nothing is changed', async () => {
    bed.push('feature', { ...files, 'again.bin': pointerTo('aaa\n') }, 'main');
    const source = [keep('aaa\n'), keep('bbb\n')];
    expect(await inspectRepository(bed.repository(), 'feature')).toMatchObject({ unsupported: [] });
    const { dir } = await run();
    const text = (name: string) => readFileSync(join(dir, name), 'utf8');
    expect(['x/a.bin', 'again.bin', 'b.bin'].map(text)).toEqual(['aaa\n', 'aaa\n', 'bbb\n']);
    expect(bed.git(['status', '--porcelain'], dir)).toBe('');
    expect(bed.git(['lfs', 'ls-files', '--name-only'], dir).split('\n').sort()).toEqual([
      'again.bin',
      'b.bin',
      'x/a.bin',
    ]);
    expect(source.map((path) => statSync(path).nlink)).toEqual([1, 1]);
    // What a suite commits there is a pointer again.
    bed.plant(join(dir, 'b.bin'), 'changed\n');
    bed.git(['commit', '--quiet', '-a', '-m', 'changed'], dir);
    expect(bed.git(['show', 'HEAD:b.bin'], dir)).toBe(pointerTo('changed\n').trim());
  });

  testWherePossible(
    NO_GIT_LFS,
    'content that is not here, or not what its name says, is named with what brings it',
    async () => {
      bed.push('feature', files, 'main');
      keep('aaa\n');
      const says = `"b.bin": expected what Git LFS keeps of it in ${bed.dir}/lfs/objects, saw none that is whole; run "git lfs fetch --all" in ${bed.dir}`;
      expect(await inspectRepository(bed.repository(), 'feature')).toMatchObject({ unsupported: [says] });
      await expect(run()).rejects.toMatchObject({ code: 'GIT_UNSUPPORTED', message: says });
      keep('bbb\n', { as: 'forged\n' });
      await expect(run()).rejects.toMatchObject({ code: 'GIT_UNSUPPORTED', message: says });
    },
  );

  testWherePossible(NO_GIT_LFS, 'nothing is asked of the server that a branch names', async () => {
    const server = createServer();
    const asked: string[] = [];
    server.on('request', (request, response) => {
      asked.push(request.url ?? '');
      response.end();
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const { port } = server.address() as AddressInfo;
    const config = `[lfs]\n\turl = http://127.0.0.1:${port}/\n[lfs "customtransfer.x"]\n\tpath = ${bed.canary('transfer')}\n[lfs "extension.x"]\n\tsmudge = ${bed.canary('extension')}\n`;
    bed.push('feature', { ...files, '.lfsconfig': config }, 'main');
    keep('aaa\n');
    keep('bbb\n');
    const { dir } = await run();
    server.close();
    expect(readFileSync(join(dir, 'b.bin'), 'utf8')).toBe('bbb\n');
    expect([asked, bed.sung()]).toEqual([[], []]);
  });

  testWherePossible(NO_GIT_LFS, 'the files of a submodule come from where it comes from', async () => {
    const lib = new SampleRepository();
    try {
      const oid = lib.push('main', files);
      const url = 'https://example.org/lib.git';
      bed.git(['switch', '--quiet', '-c', 'feature', 'main']);
      bed.plant(join(bed.work, '.gitmodules'), `[submodule "lib"]\n\tpath = lib\n\turl = ${url}\n`);
      bed.git(['add', '.gitmodules']);
      bed.git(['update-index', '--add', '--cacheinfo', `160000,${oid},lib`]);
      bed.git(['commit', '--quiet', '-m', 'lib']);
      bed.git(['push', '--quiet', bed.dir, 'feature']);
      const submodules = { allowed: [{ url, from: lib.dir }], includesOwn: false };
      const repository = { ...bed.repository(), submodules };
      keep('aaa\n', { at: lib.dir });
      await expect(run('feature', repository)).rejects.toThrow(/^in "lib": "b\.bin": expected what Git LFS keeps/);
      keep('bbb\n', { at: lib.dir });
      const { dir } = await run('feature', repository);
      expect(readFileSync(join(dir, 'lib/x/a.bin'), 'utf8')).toBe('aaa\n');
      expect(bed.git(['status', '--porcelain'], dir)).toBe('');
    } finally {
      lib.dispose();
    }
  });
});
