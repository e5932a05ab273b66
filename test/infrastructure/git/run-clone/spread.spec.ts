import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { spreadFolders } from '../../../../src/infrastructure/git/run-clone/spread';
import { WorkFolders } from '../../../../src/infrastructure/git/run-clone/work-folders';
import { testWherePossible } from '../../../support/test-where-possible';

let root: string;
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'stagegate-spread-'));
});
afterEach(() => {
  rmSync(root, { recursive: true, force: true });
});

const ELSEWHERE = '/dev/shm';
/** Its flags as `lsattr` prints them. @throws where the file system has none. */
const flagsOf = (dir: string) => execFileSync('lsattr', ['-d', dir], { encoding: 'utf8', stdio: 'pipe' }).split(' ')[0];

function obstacle(): string | null {
  const probe = mkdtempSync(join(tmpdir(), 'stagegate-flags-'));
  try {
    execFileSync('chattr', ['+T', probe], { stdio: 'pipe' });
    return null;
  } catch {
    return 'folders here take no chattr +T';
  } finally {
    rmSync(probe, { recursive: true });
  }
}

describe('folders of runs', () => {
  testWherePossible(obstacle(), 'are spread over the disk', async () => {
    const run = await new WorkFolders(root, 'worker-1').make('run-1');
    expect(flagsOf(join(run, '..'))).toContain('T');
    expect(flagsOf(run)).not.toContain('T');
  });

  it('are made where a file system knows nothing of that', async () => {
    const dir = mkdtempSync(join(ELSEWHERE, 'stagegate-spread-'));
    try {
      await expect(spreadFolders(dir)).resolves.toBeUndefined();
      mkdirSync(join(dir, 'run-1'));
    } finally {
      rmSync(dir, { recursive: true });
    }
  });
});
