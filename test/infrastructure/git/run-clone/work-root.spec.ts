import { chmodSync, mkdirSync, mkdtempSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { claimRoot, workRootOf } from '../../../../src/infrastructure/git/run-clone/work-root';

let root: string;
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'stagegate-root-'));
});
afterEach(() => {
  rmSync(root, { recursive: true, force: true });
});

describe('the folder that runs work in', () => {
  it('is in the state directory', () => {
    expect(workRootOf('/var/lib/stagegate')).toBe('/var/lib/stagegate/work');
    expect(workRootOf('/srv/web.git/stagegate')).toBe('/srv/web.git/stagegate/work');
  });

  it('is elsewhere where that lies within .git: test runners find no tests there', () => {
    const [one, other] = [workRootOf('/home/ann/web/.git/stagegate'), workRootOf('/home/ann/shop/.git/stagegate')];
    expect(dirname(one)).toBe(tmpdir());
    expect(one).not.toBe(other);
    expect(workRootOf('/home/ann/web/.git/stagegate')).toBe(one);
  });

  it('is made for nobody else to look into', async () => {
    const made = join(root, 'new');
    await claimRoot(made);
    expect(statSync(made).mode & 0o777).toBe(0o700);
  });

  it('is refused when others can write to it', async () => {
    const shared = join(root, 'shared');
    mkdirSync(shared);
    chmodSync(shared, 0o777);
    await expect(claimRoot(shared)).rejects.toMatchObject({
      code: 'GIT_FAILED',
      message: expect.stringContaining('of ours alone') as string,
    });
  });
});
