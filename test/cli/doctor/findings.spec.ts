import { GitError } from '../../../src/application/ports/git-workspace';
import { CLOCK_BACK_MS, clockFinding } from '../../../src/cli/doctor/clock';
import { NotLookedAt, ok, runChecks, warn, worst } from '../../../src/cli/doctor/finding';
import { nodeFinding } from '../../../src/cli/doctor/program-checks';
import { userFinding } from '../../../src/cli/doctor/user-check';
import type { OwnUser } from '../../../src/infrastructure/system/own-user';
import { lagFinding } from '../../../src/cli/doctor/read-model-check';
import {
  FAIL_FREE_BYTES,
  logsFinding,
  spaceFinding,
  WARN_FREE_BYTES,
  WARN_FREE_SHARE,
  WARN_LOG_BYTES,
} from '../../../src/cli/doctor/space';

const AT = '/srv/state';

describe('the user', () => {
  const named = { uid: 1000, name: 'ann', home: '/home/ann' };
  const of = (more: Partial<OwnUser>, writable: readonly string[] = ['/tmp', '/home/ann', '/data']) =>
    userFinding({ ...named, ...more }, '/tmp', (folder) => writable.includes(folder));

  test('with an account and a home is all right, and so is one without an account that has a home', () => {
    expect(of({})).toMatchObject({ verdict: 'ok', seen: 'ann (uid 1000); home /home/ann' });
    expect(of({ name: null, home: '/data' })).toMatchObject({
      verdict: 'ok',
      seen: 'uid 1000, which no account belongs to; home /data',
    });
  });

  test('without a home, or with one that it may not write, is something to look at', () => {
    for (const home of [null, '/nonexistent'])
      expect(of({ name: null, home })).toMatchObject({
        verdict: 'warn',
        fix: [
          expect.stringContaining(`HOME: expected a folder that uid 1000 may write, saw ${home ?? 'none'}; set HOME`),
        ],
      });
  });

  test('without a place for temporary files cannot work', () => {
    expect(of({}, ['/home/ann'])).toMatchObject({ verdict: 'fail', fix: [expect.stringMatching(/^TMPDIR: expected/)] });
  });
});

describe('room on the disk', () => {
  const disk = (freeBytes: number, totalBytes: number, freeFiles: number | null = 1_000) =>
    spaceFinding(AT, { freeBytes, totalBytes, freeFiles });

  test('a gibibyte and a twentieth are enough', () => {
    expect(disk(WARN_FREE_BYTES, WARN_FREE_BYTES / WARN_FREE_SHARE).verdict).toBe('ok');
  });

  test('less than either is something to look at', () => {
    expect(disk(WARN_FREE_BYTES - 1, 2 * WARN_FREE_BYTES).verdict).toBe('warn');
    expect(disk(2 * WARN_FREE_BYTES, (2 * WARN_FREE_BYTES) / WARN_FREE_SHARE + 4096).verdict).toBe('warn');
  });

  test('where the log of one run may not fit, it fails', () => {
    expect(disk(FAIL_FREE_BYTES, 2 * WARN_FREE_BYTES).verdict).toBe('warn');
    const { verdict, seen, fix } = disk(FAIL_FREE_BYTES - 1, 2 * WARN_FREE_BYTES);
    expect([verdict, seen]).toEqual(['fail', '63 MiB free of 2.0 GiB (3 %) at /srv/state']);
    expect(fix).toEqual([
      '/srv/state: expected 64 MiB at least, saw 63 MiB; free some (docs/operations.md, Disk use and clean-up) or set STAGEGATE_STATE_DIR to another disk',
    ]);
  });

  test('a disk without a free inode is as full as one without a free byte', () => {
    const { verdict, fix } = disk(9 * WARN_FREE_BYTES, 10 * WARN_FREE_BYTES, 0);
    expect([verdict, fix[0]]).toEqual(['fail', expect.stringContaining('saw no free inode')]);
    expect(disk(9 * WARN_FREE_BYTES, 10 * WARN_FREE_BYTES, null).verdict).toBe('ok');
  });

  test('kept logs are looked at from five gibibytes on', () => {
    expect(logsFinding(AT, { bytes: WARN_LOG_BYTES - 1, files: 80 }).verdict).toBe('ok');
    expect(logsFinding(AT, { bytes: WARN_LOG_BYTES, files: 80 })).toEqual(
      warn(
        'logs',
        '5.0 GiB in 80 files',
        `${AT}: expected less than 5.0 GiB, saw 5.0 GiB in 80 files; delete old files`,
      ),
    );
  });
});

describe('the clock', () => {
  const now = Date.parse('2026-03-01T12:00:00Z');

  test('an event from the future means that it was set back', () => {
    const { verdict, seen, fix } = clockFinding(now + 3_600_000, now);
    expect([verdict, seen]).toEqual(['fail', '2026-03-01T12:00:00.000Z, behind the log by 3600 s']);
    expect(fix).toEqual([
      'clock: expected 2026-03-01T13:00:00.000Z or later, which the newest event says, saw 2026-03-01T12:00:00.000Z; set the clock, and keep it by NTP',
    ]);
  });

  test('what NTP moves it by is nothing', () => {
    expect(clockFinding(now + CLOCK_BACK_MS, now).verdict).toBe('ok');
    expect(clockFinding(now + CLOCK_BACK_MS + 1, now).verdict).toBe('fail');
    expect(clockFinding(null, now).verdict).toBe('ok');
  });
});

describe('read models', () => {
  const lag = (projection: string, events: number, lagMs: number) => ({
    projection,
    version: 1,
    position: '1/1',
    events,
    lagMs,
  });

  test('at the head are ok', () => {
    expect(lagFinding([lag('queue', 0, 0)], true)).toEqual(ok('read models', 'at the head of the log, quick_check ok'));
  });

  test('behind are something to look at only where a service should have followed', () => {
    const behind = [lag('queue', 7, 10_000), lag('runs', 0, 0)];
    expect(lagFinding(behind, true)).toMatchObject({ verdict: 'warn', seen: '7 events behind: queue' });
    expect(lagFinding(behind, false).verdict).toBe('ok');
    expect(lagFinding([lag('queue', 7, 9_999)], true).verdict).toBe('ok');
  });

  test('that nobody has built yet are no fault', () => {
    expect(lagFinding(null, true).verdict).toBe('ok');
  });
});

test('an older Node is refused by the numbers of package.json', () => {
  expect(nodeFinding('20.19.0', '>=20.19').verdict).toBe('ok');
  expect(nodeFinding('18.20.4', '>=20.19')).toMatchObject({
    verdict: 'fail',
    fix: ['expected Node 20.19 or newer, saw 18.20.4; install a newer one'],
  });
});

describe('a check that breaks', () => {
  const found = (error: Error) => runChecks([{ name: 'x', look: () => Promise.reject(error) }], null);

  test('is a finding, and no end of the others', async () => {
    const checks = [
      { name: 'x', look: () => Promise.reject(new Error('boom')) },
      { name: 'y', look: () => Promise.resolve([ok('y', 'fine')]) },
    ];
    const findings = await runChecks(checks, null);
    expect(findings.map(({ name, verdict }) => [name, verdict])).toEqual([
      ['x', 'fail'],
      ['y', 'ok'],
    ]);
    expect(findings[0]?.fix).toEqual(['expected an answer, saw boom; correct that, or report it']);
    expect(worst(findings)).toBe('fail');
  });

  test('by a fault of the world has the line that says what to do', async () => {
    const line = '/srv: expected a git repository, saw none; name one';
    expect(await found(new GitError('GIT_NOT_A_REPOSITORY', line))).toMatchObject([{ verdict: 'fail', fix: [line] }]);
  });

  test('for want of what another one reports is only to be looked at', async () => {
    expect(await found(new NotLookedAt('why'))).toMatchObject([
      { verdict: 'warn', seen: 'not looked at', fix: ['why'] },
    ]);
  });
});
