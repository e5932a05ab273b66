import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import type { Landing } from '../../../src/application/ports/git-workspace';
import { rounds } from '../../support/rounds';
import { codeOf, GitBed, LOG, TASK, until } from './git-bed';

const LANDED = 'refs/stagegate/landed/web/T-1';
const MAIN = 'refs/heads/main';
const KILLS = rounds(12, 6);
/** What a landing takes at most, on a machine with nothing else to do. */
const LANDING_MS = 96;

let bed: GitBed;
let landing: Landing;
beforeEach(async () => {
  ({ bed, landing } = await GitBed.withLanding());
});
afterEach(() => {
  bed.dispose();
});

const recover = (given = landing) => bed.workspace.recoverLanding(bed.repository(), given);
const newOidReachesTarget = () =>
  bed.git(['fetch', '--quiet', '--no-write-fetch-head', bed.own(), landing.newOid], bed.dir);

/** What the transaction locks, as a killed git leaves it. */
const leftLocks = () =>
  ['HEAD', landing.lease.ref, 'refs/heads/feature', MAIN, LANDED].map((ref) => bed.plantLock(ref));

/** As a later claim does it: its own, newer epoch first, then the question. */
async function takeOver(): Promise<string> {
  const lease = await bed.workspace.takeEpoch(bed.repository(), { task: TASK, epoch: '2', log: LOG });
  return (await recover({ ...landing, lease })).kind;
}

describe('a landing that was cut short', () => {
  test('before the first ref was renamed has not landed; its locks go, and it can land', async () => {
    leftLocks();
    expect(await takeOver()).toBe('not-landed');
    expect(bed.locks()).toEqual([]);
    expect(bed.ref(LANDED)).toBeNull();
    const again = await bed.candidate('feature', { epoch: '3' });
    expect(await bed.workspace.land(bed.repository(), again)).toEqual({ kind: 'landed' });
  });

  test('between the two renames has landed: the record is made good', async () => {
    newOidReachesTarget();
    bed.git(['update-ref', MAIN, landing.newOid], bed.dir);
    leftLocks();
    expect(await takeOver()).toBe('landed');
    expect(bed.ref(LANDED)).toBe(landing.newOid);
    expect(bed.head('main')).toBe(landing.newOid);
    expect(bed.locks()).toEqual([]);
  });

  test('between the two renames has landed also when main has moved on since', async () => {
    newOidReachesTarget();
    const later = bed.git(['commit-tree', `${landing.newOid}^{tree}`, '-p', landing.newOid, '-m', 'later'], bed.dir);
    bed.git(['update-ref', MAIN, later], bed.dir);
    expect(await takeOver()).toBe('landed');
    expect(bed.head('main')).toBe(later);
    expect(bed.ref(LANDED)).toBe(landing.newOid);
  });

  test('after both has landed, whatever main is now; asking again changes nothing', async () => {
    await bed.workspace.land(bed.repository(), landing);
    bed.git(['update-ref', MAIN, landing.baseOid], bed.dir);
    expect([await takeOver(), await takeOver()]).toEqual(['landed', 'landed']);
    expect(bed.head('main')).toBe(landing.baseOid);
  });

  test('whose candidate never reached the target, or was collected there, has not landed', async () => {
    expect(await takeOver()).toBe('not-landed');
    newOidReachesTarget();
    execFileSync('git', ['gc', '--quiet', '--prune=now'], { cwd: bed.dir });
    expect(bed.git(['cat-file', '--batch-check', '--batch-all-objects'], bed.dir)).not.toContain(landing.newOid);
    expect(await takeOver()).toBe('not-landed');
  });

  test('waits while a lock may still have an owner', async () => {
    newOidReachesTarget();
    bed.git(['update-ref', MAIN, landing.newOid], bed.dir);
    bed.plantLock(LANDED, { ageMs: 1_000 });
    expect(await takeOver()).toBe('lock-busy');
    expect(bed.locks()).toHaveLength(1);
  });

  test('cannot be told without main, nor where git does not answer: that is no "not landed"', async () => {
    bed.fakeGit(
      `case " $* " in *" merge-base "*) echo 'fatal: disk quota exceeded' >&2; exit 128;; esac; exec "$REAL_GIT" "$@"`,
    );
    expect(await codeOf(takeOver())).toBe('GIT_FAILED');
    bed.realGit();
    bed.git(['update-ref', '-d', MAIN], bed.dir);
    expect(await codeOf(takeOver())).toBe('GIT_MAIN_MISSING');
  });

  test('and paused in its transaction keeps its lease: nobody takes over, and it lands when it goes on', async () => {
    // A git that has prepared, and waits for the word to commit.
    bed.git(['fetch', '--quiet', '--no-write-fetch-head', bed.own(), landing.newOid], bed.dir);
    const gate = bed.plant(`${bed.root}/gate`, '');
    bed.fakeGit(
      `case " $* " in *" update-ref --stdin "*)
         { while read -r line && [ "$line" != commit ]; do echo "$line"; done
           while [ -e '${gate}' ]; do sleep 0.02; done; echo commit; } | "$REAL_GIT" "$@"; exit;;
       esac; exec "$REAL_GIT" "$@"`,
    );
    const paused = bed.workspace.land(bed.repository(), landing);
    await until(() => bed.locks().length === 5);
    expect(await codeOf(takeOver())).toBe('GIT_LOCKED');
    execFileSync('rm', [gate]);
    expect(await paused).toEqual({ kind: 'landed' });
    expect(await takeOver()).toBe('landed');
  });

  test('and paused before it is refused when it goes on: its lease is not in force any more', async () => {
    const gate = bed.plant(`${bed.root}/gate`, '');
    bed.fakeGit(
      `case " $* " in *" update-ref --stdin "*) while [ -e '${gate}' ]; do sleep 0.02; done;; esac; exec "$REAL_GIT" "$@"`,
    );
    const paused = bed.workspace.land(bed.repository(), landing);
    await until(() => bed.processesIn(bed.dir).length > 0);
    expect(await takeOver()).toBe('not-landed');
    const before = bed.refs();
    execFileSync('rm', [gate]);
    expect(await paused).toEqual({ kind: 'epoch-lost' });
    expect(bed.refs()).toBe(before);
  });
});

describe('git killed in a landing', () => {
  /** git that dies by SIGKILL in the transaction, `before` or `after` it has done `what`. */
  const dieIn = (script: string) => {
    bed.fakeGit(`case " $* " in *" update-ref --stdin "*) ${script}; kill -9 $$;; esac; exec "$REAL_GIT" "$@"`);
  };

  test('before it moved anything is a failure like any other: nothing has changed', async () => {
    dieIn(':');
    expect(await codeOf(bed.workspace.land(bed.repository(), landing))).toBe('GIT_FAILED');
    bed.realGit();
    expect(await bed.workspace.land(bed.repository(), landing)).toEqual({ kind: 'landed' });
  });

  test('after it moved main has landed, and says so', async () => {
    dieIn(`"$REAL_GIT" update-ref ${MAIN} ${landing.newOid}`);
    expect(await bed.workspace.land(bed.repository(), landing)).toEqual({ kind: 'landed' });
    expect(bed.ref(LANDED)).toBe(landing.newOid);
  });

  test('and not to be asked afterwards is an unknown outcome, which only the recovery can end', async () => {
    dieIn(`"$REAL_GIT" update-ref ${MAIN} ${landing.newOid}; touch '${bed.root}/mute'`);
    const script = readFileSync(`${bed.root}/bin/git`, 'utf8');
    bed.plant(`${bed.root}/bin/git`, script.replace('case', `[ -e '${bed.root}/mute' ] && exit 128\ncase`), 0o755);
    expect(await codeOf(bed.workspace.land(bed.repository(), landing))).toBe('GIT_OUTCOME_UNKNOWN');
    bed.realGit();
    expect(await takeOver()).toBe('landed');
  });

  test('at any moment lands once: the recovery and a second try find out', async () => {
    const start = bed.head('main') ?? '';
    for (let round = 0; round < KILLS; round += 1) {
      const epoch = 100 + 2 * round;
      const task = `web.K-${round}`;
      const before = bed.head('main') ?? '';
      const attempt = await candidateOf(task, String(epoch));
      const ended = bed.workspace.land(bed.repository(), attempt).catch((error: unknown) => error);
      await momentOf(round, ended);
      bed.killProcessesIn(bed.dir);
      await ended;
      for (const lock of bed.locks()) bed.age(lock);
      const lease = await bed.workspace.takeEpoch(bed.repository(), { task, epoch: String(epoch + 1), log: LOG });
      const { kind } = await recover({ ...attempt, lease });
      const moved = bed.head('main') === attempt.newOid;
      expect({ round, kind, landed: bed.ref(`refs/stagegate/landed/web/K-${round}`) }).toEqual(
        moved ? { round, kind: 'landed', landed: attempt.newOid } : { round, kind: 'not-landed', landed: null },
      );
      if (!moved) expect(bed.head('main')).toBe(before);
      expect(await bed.workspace.land(bed.repository(), { ...attempt, lease })).toEqual({ kind: 'landed' });
      expect(bed.locks()).toEqual([]);
    }
    expect(bed.git(['rev-list', '--count', `${start}..main`], bed.dir)).toBe(String(KILLS));
  }, 120_000);

  /** Half of the rounds are spread over the whole landing, the others strike as soon as main is locked. */
  async function momentOf(round: number, ended: Promise<unknown>): Promise<void> {
    if (round % 2 === 0) {
      await new Promise((resolve) => setTimeout(resolve, (LANDING_MS * round) / KILLS));
      return;
    }
    const state = { isOver: false };
    void ended.then(() => (state.isOver = true));
    while (!state.isOver && !bed.exists(bed.dir, `${MAIN}.lock`)) await new Promise((resolve) => setImmediate(resolve));
  }

  /** A candidate that differs from every other one, made without a work tree. */
  async function candidateOf(task: string, epoch: string): Promise<Landing> {
    const { baseOid, headOid } = await bed.workspace.fetch(bed.repository(), task, 'feature');
    const newOid = bed.git(['commit-tree', `${headOid}^{tree}`, '-p', baseOid, '-m', task], bed.own());
    const lease = await bed.workspace.takeEpoch(bed.repository(), { task, epoch, log: LOG });
    return { ...landing, task, baseOid, headOid, newOid, lease };
  }
});
