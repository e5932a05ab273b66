import { join } from 'node:path';
import type { LandResult } from '../../src/cli/land/land-outcome';
import { lastJson } from '../support/cli';
import { CliSession } from '../support/cli-session';
import { ATTRIBUTES, keepContent, NO_GIT_LFS, pointerTo } from '../support/git-lfs';
import { SampleRepository } from '../support/sample-repository';
import { testWherePossible } from '../support/test-where-possible';

jest.setTimeout(120_000);

const session = new CliSession();
afterAll(() => session.close());

testWherePossible(
  NO_GIT_LFS,
  'a branch with files of Git LFS lands from the clone that has them, also by a rebase',
  async () => {
    const sample = new SampleRepository();
    try {
      sample.push('main', { '.gitattributes': `*.bin ${ATTRIBUTES}\n`, 'a.bin': pointerTo('aaa\n') });
      sample.push('feature', { 'b.bin': pointerTo('bbb\n') }, 'main');
      sample.push('main', { 'later.txt': 'later\n' });
      const clone = join(sample.root, 'clone');
      sample.git(['clone', '--quiet', '--no-checkout', sample.dir, clone]);
      sample.git(['branch', '--quiet', 'feature', 'origin/feature'], clone);
      sample.git(['switch', '--quiet', '--detach', '--discard-changes', 'main~2'], clone);
      const suite = 'test "$(cat a.bin b.bin)" = "$(printf "aaa\\nbbb")" && test -z "$(git status --porcelain)"';
      const land = () => session.run(['land', 'feature', '--repo', clone, '--suite', suite, '--json']);
      keepContent(join(clone, '.git'), 'aaa\n');
      const refused = await land();
      expect(refused.code).toBe(2);
      expect(refused.stderr).toMatch(
        /branch: "b\.bin": expected what Git LFS keeps of it in .*; run "git lfs fetch --all" in /,
      );
      keepContent(join(clone, '.git'), 'bbb\n');
      const landed = await land();
      expect([landed.code, landed.stderr]).toEqual([0, expect.any(String)]);
      expect((lastJson(landed) as LandResult).outcome).toBe('landed');
      expect(sample.git(['show', 'main:b.bin'], clone)).toBe(pointerTo('bbb\n').trim());
    } finally {
      sample.dispose();
    }
  },
);
