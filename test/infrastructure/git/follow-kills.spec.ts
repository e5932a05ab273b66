import { spawn, type ChildProcess } from 'node:child_process';
import { readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import type { FilesNote, Landing } from '../../../src/application/ports/git-workspace';
import { roundsOrAll } from '../../support/rounds';
import { FollowBed } from './follow-bed';
import { LocalGitWorkspace } from '../../../src/infrastructure/git/local-git-workspace';
import { codeOf, LOG, TASK, until } from './git-bed';

const KILLS = roundsOrAll(500, 40, 6);
/** Of the files that a landing of a round changes. */
const FILES = 60;
/** What moving main and writing those files takes about, on a machine with nothing else to do. */
const LANDING_MS = 400;
/** An irrational part of a round, so that the moments of kills are spread evenly whatever their number. */
const SPREAD = 0.618_034;

let bed: FollowBed;
beforeEach(() => {
  bed = new FollowBed();
});
afterEach(() => {
  bed.dispose();
});

const settle = () => bed.another().settleFiles(bed.follower);
const finished = (left: readonly string[] = []): readonly FilesNote[] => [
  { task: TASK, at: bed.work, kind: 'finished', left },
];

const isOfTheKilled = (worker: string) => worker === 'host/boot/pid/1/1';

/** Lands, with a git that is killed in the middle of writing files: what it has written until then is what `write` writes. */
async function killedWhileWriting(write: () => void): Promise<Landing> {
  const landing = await bed.landing();
  bed.fakeGit(`case " $* " in *" read-tree -m -u "*) kill -9 $$;; esac; exec "$REAL_GIT" "$@"`);
  const outcome = await bed.workspace.land(bed.follower, landing);
  bed.realGit();
  expect(outcome).toMatchObject({
    kind: 'landed',
    followed: { fault: expect.stringContaining('read-tree') as unknown },
  });
  write();
  return landing;
}

describe('files that a killed git has left half written', () => {
  test('are finished: new ones, beginnings of new ones, removed ones; the lock said so until then', async () => {
    const landing = await killedWhileWriting(() => {
      bed.write('main.txt', 'one\ntw');
      bed.write('new/file.txt', 'new\n');
      rmSync(join(bed.work, 'dir/deep.txt'));
      rmSync(join(bed.work, 'gone.txt'));
    });
    expect(readFileSync(join(bed.work, '.git/index.lock'), 'utf8')).toMatch(/^stagegate [^]* cut short/);
    expect(() => bed.git(['commit', '--quiet', '-a', '-m', 'mine'])).toThrow('index.lock');
    expect(await settle()).toEqual(finished());
    expect([bed.mainHead(), bed.status(), bed.traces()]).toEqual([landing.newOid, '', []]);
    expect(bed.read('main.txt')).toBe('one\ntwo\n');
  });

  test('are finished also where a file has become a folder, a folder a file, and line ends are the owner’s', async () => {
    bed.config(bed.work, 'core.autocrlf', 'true');
    bed.onFeature({}, () => {
      rmSync(join(bed.work, 'kept.txt'));
      bed.write('kept.txt/inside', 'inside\nmore\n');
      rmSync(join(bed.work, 'dir'), { recursive: true });
      bed.write('dir', 'a file\n');
    });
    await killedWhileWriting(() => {
      rmSync(join(bed.work, 'kept.txt'));
      bed.write('kept.txt/inside', 'inside\r\nmo');
      rmSync(join(bed.work, 'dir'), { recursive: true });
      bed.write('dir', 'a file\r\n');
    });
    expect(await settle()).toEqual(finished());
    expect([bed.read('kept.txt/inside'), bed.read('dir'), bed.status()]).toEqual([
      'inside\r\nmore\r\n',
      'a file\r\n',
      '',
    ]);
  });

  test('but for those that somebody has changed since, which stay and are named', async () => {
    await killedWhileWriting(() => {
      bed.write('main.txt', 'one\ntwo\nmine\n');
      bed.write('gone.txt', 'mine\n');
      bed.write('new/file.txt', 'mine\n');
      bed.write('new/other.txt', 'mine\n');
    });
    const [note] = await settle();
    expect(note?.kind === 'finished' && [...note.left].sort()).toEqual(['gone.txt', 'main.txt', 'new/file.txt']);
    expect([bed.read('main.txt'), bed.read('gone.txt'), bed.read('new/file.txt'), bed.read('dir/deep.txt')]).toEqual([
      'one\ntwo\nmine\n',
      'mine\n',
      'mine\n',
      'deeper\n',
    ]);
    expect(bed.status().split('\n').sort()).toEqual(
      ['', ' M main.txt', ' M new/file.txt', '?? gone.txt', '?? new/other.txt'].sort(),
    );
    expect(await settle()).toEqual([]);
  });

  test('are finished by the next landing too, and by the recovery of their own', async () => {
    const landing = await killedWhileWriting(() => {
      bed.write('main.txt', 'one\n');
    });
    const lease = await bed.workspace.takeEpoch(bed.follower, { task: TASK, epoch: '2', log: LOG });
    expect(await bed.another().recoverLanding(bed.follower, { ...landing, lease })).toEqual({
      kind: 'landed',
      recovered: true,
      followed: { at: bed.work, left: [] },
    });
    expect([bed.status(), bed.traces()]).toEqual(['', []]);
  });

  test('are finished although the killed git has left its own lock', async () => {
    await killedWhileWriting(() => {
      bed.write('main.txt', 'one\n');
    });
    const { token } = JSON.parse(readFileSync(join(bed.work, '.git/stagegate/following.json'), 'utf8')) as {
      token: string;
    };
    for (const name of [`index-${token}`, `index-${token}-copy`])
      bed.plant(join(bed.work, '.git/stagegate', `${name}.lock`), '');
    expect(await settle()).toEqual(finished());
    expect([bed.status(), bed.traces()]).toEqual(['', []]);
  });

  test('are left to the process that lands, as long as it lives', async () => {
    await killedWhileWriting(() => undefined);
    const alive = bed.another(() => false);
    expect(await alive.settleFiles(bed.follower)).toMatchObject([{ kind: 'busy' }]);
    expect(bed.traces()).toContain('index.lock');
  });

  test('wait for a git that has outlived its process', async () => {
    await killedWhileWriting(() => undefined);
    const { token } = JSON.parse(readFileSync(join(bed.work, '.git/stagegate/following.json'), 'utf8')) as {
      token: string;
    };
    const GIT_INDEX_FILE = join(bed.work, '.git/stagegate', `index-${token}`);
    const outlived = spawn('sleep', ['60'], { env: { ...process.env, GIT_INDEX_FILE }, stdio: 'ignore' });
    expect(await settle()).toMatchObject([{ kind: 'busy' }]);
    const ended = new Promise((resolve) => outlived.on('exit', resolve));
    outlived.kill('SIGKILL');
    await ended;
    expect(await settle()).toEqual(finished());
  });
});

test('a landing that was killed before its marker was there leaves nothing that the next start does not remove', async () => {
  const lock = bed.plant(join(bed.work, '.git/index.lock'), 'stagegate to-ken host/boot/pid/1/1\n');
  const draft = `index-to-ken-lock-${Buffer.from('host/boot/pid/1/1').toString('base64url')}`;
  for (const name of [draft, 'index-to-ken-marker']) bed.plant(join(bed.work, '.git/stagegate', name), '');
  const alive = bed.another(() => false);
  expect([await alive.settleFiles(bed.follower), bed.exists(lock)]).toEqual([[], true]);
  expect([await settle(), bed.traces()]).toEqual([[], []]);
  bed.plant(join(bed.work, '.git/stagegate', draft), '');
  expect([await settle(), bed.traces()]).toEqual([[], []]);
  // That of somebody else is none of ours.
  bed.plant(lock, 'DIRC');
  expect([await settle(), bed.exists(lock)]).toEqual([[], true]);
});

describe('two starts at once', () => {
  test('finish it once: the other one finds it taken, or done', async () => {
    await killedWhileWriting(() => {
      bed.write('main.txt', 'one\n');
    });
    const another = new LocalGitWorkspace({ stateDir: bed.state, worker: 'host/boot/pid/3/3', isDead: isOfTheKilled });
    const one = new LocalGitWorkspace({ stateDir: bed.state, worker: 'host/boot/pid/2/2', isDead: isOfTheKilled });
    const starts = [one, another, one].map((workspace) => workspace.settleFiles(bed.follower));
    const kinds = (await Promise.all(starts)).map(([note]) => note?.kind ?? 'nothing').sort();
    expect(kinds).toEqual(['busy', 'busy', 'finished']);
    expect([bed.status(), bed.traces()]).toEqual(['', []]);
  });

  test('the one that takes over is taken over from when it dies too', async () => {
    await killedWhileWriting(() => undefined);
    bed.fakeGit(`case " $* " in *" read-tree "*) kill -9 $$;; esac; exec "$REAL_GIT" "$@"`);
    expect(await codeOf(bed.another(isOfTheKilled).settleFiles(bed.follower))).toBe('GIT_FAILED');
    bed.realGit();
    const last = new LocalGitWorkspace({ stateDir: bed.state, worker: 'host/boot/pid/3/3', isDead: isOfTheKilled });
    expect(await last.settleFiles(bed.follower)).toMatchObject([{ kind: 'busy' }]);
    const knowing = new LocalGitWorkspace({ stateDir: bed.state, worker: 'host/boot/pid/4/4', isDead: () => true });
    expect(await knowing.settleFiles(bed.follower)).toEqual(finished());
    expect(bed.traces()).toEqual([]);
  });
});

describe('a person who went on after a kill, past the lock,', () => {
  const wayOf = (note: FilesNote | undefined) => (note?.kind === 'left' ? note.text : note);
  const unlock = () => {
    rmSync(join(bed.work, '.git/index.lock'));
  };

  test('and committed the old files is told once what that took back; nothing is touched', async () => {
    await killedWhileWriting(unlock);
    bed.git(['commit', '--quiet', '-a', '-m', 'mine']);
    const before = bed.everything();
    const text = wayOf((await settle())[0]);
    expect(text).toMatch(/takes it back in .*main\.txt/);
    expect(bed.everything()).toEqual(before);
    expect([await settle(), bed.traces()]).toEqual([[], []]);
  });

  test('and put it right by hand is left in peace', async () => {
    await killedWhileWriting(unlock);
    bed.git(['reset', '--quiet', '--hard']);
    expect([await settle(), bed.status(), bed.traces()]).toEqual([[], '', []]);
  });

  test('and staged a file that the landing touches keeps what was staged', async () => {
    await killedWhileWriting(unlock);
    bed.write('main.txt', 'mine\n');
    bed.git(['add', 'main.txt']);
    const before = bed.everything();
    expect(wayOf((await settle())[0])).toContain('its index was changed');
    expect(bed.everything()).toEqual(before);
  });

  test('and checked something else out keeps it', async () => {
    await killedWhileWriting(unlock);
    bed.git(['switch', '--quiet', '--detach', 'main~0']);
    const before = bed.everything();
    expect(wayOf((await settle())[0])).toContain('not checked out there any more');
    expect(bed.everything()).toEqual(before);
  });
});

describe('a process killed with its git while it lands into a work tree', () => {
  test(`at any of ${KILLS} moments leaves files and index of main before, or of main after, once it was started again`, async () => {
    const trees = treesOfRounds();
    bed.write('kept.txt', 'mine\n');
    bed.write('mine.txt', 'mine\n');
    bed.write('mine.log', 'mine\n');
    const moved: boolean[] = [];
    next = startLander(0);
    for (let round = 0; round < KILLS; round += 1) {
      const lander: Lander = next;
      const landing = await landingOf(round, trees[round % 2] ?? '');
      await lander.ready;
      if (round + 1 < KILLS) next = startLander(round + 1);
      lander.land(landing);
      await new Promise((resolve) => setTimeout(resolve, LANDING_MS * ((round * SPREAD) % 1)));
      lander.kill();
      await lander.ended;
      // Half of the gits die with their process, the others go on and end by themselves.
      if (round % 4 < 2) bed.killProcessesIn(bed.work);
      while ((await settle()).some(({ kind }) => kind === 'busy'))
        await new Promise((resolve) => setTimeout(resolve, 5));
      await until(() => bed.processesIn(bed.work).length === 0);
      for (const lock of bed.locks(join(bed.work, '.git'))) bed.age(lock, { dir: join(bed.work, '.git') });
      const lease = await bed.workspace.takeEpoch(bed.follower, {
        task: landing.task,
        epoch: String(2 * round + 2),
        log: LOG,
      });
      await bed.another().recoverLanding(bed.follower, { ...landing, lease });
      const main = bed.mainHead();
      moved.push(main === landing.newOid);
      expect([landing.baseOid, landing.newOid]).toContain(main);
      expect({ round, status: bed.status(), traces: bed.traces() }).toEqual({
        round,
        status: ' M kept.txt\n?? mine.txt\n',
        traces: [],
      });
      expect([bed.read('kept.txt'), bed.read('mine.txt'), bed.read('mine.log')]).toEqual([
        'mine\n',
        'mine\n',
        'mine\n',
      ]);
    }
    if (KILLS > 100) expect(new Set(moved).size).toBe(2);
  }, 3_600_000);

  let next: Lander | null = null;
  afterEach(() => {
    next?.kill();
  });

  /** Two trees of many files, each of which has what the other one lacks. */
  function treesOfRounds(): readonly string[] {
    return ['a', 'b'].map((name) => {
      bed.git(['switch', '--quiet', '-c', name, 'main']);
      for (let file = 0; file < FILES; file += 1) {
        bed.write(`both/${file}.txt`, `${name} ${file}\n`.repeat(2_000));
        bed.write(`${name}/${file}.txt`, `${file}\n`);
      }
      bed.git(['add', '--all']);
      bed.git(['commit', '--quiet', '-m', name]);
      const tree = bed.git(['rev-parse', 'HEAD^{tree}']);
      bed.git(['switch', '--quiet', 'main']);
      return tree;
    });
  }

  async function landingOf(round: number, tree: string): Promise<Landing> {
    const [task, baseOid] = [`web.K-${round}`, bed.mainHead()];
    const newOid = bed.git(['commit-tree', tree, '-p', baseOid, '-m', task]);
    bed.git(['update-ref', 'refs/heads/feature', newOid]);
    const lease = await bed.workspace.takeEpoch(bed.follower, { task, epoch: String(2 * round + 1), log: LOG });
    return { task, branch: 'feature', headOid: newOid, newOid, baseOid, lease, claimRevision: '7' };
  }

  interface Lander {
    readonly ready: Promise<void>;
    readonly ended: Promise<unknown>;
    readonly land: (landing: Landing) => void;
    readonly kill: () => void;
  }

  /** A process of its own, which lands what it is told. */
  function startLander(round: number): Lander {
    const options = JSON.stringify({ stateDir: bed.state, worker: `host/boot/pid/${round + 10}/9` });
    const script =
      `const { LocalGitWorkspace } = require('./src/infrastructure/git/local-git-workspace');` +
      `const workspace = new LocalGitWorkspace(${options});` +
      `process.stdin.once('data', (text) => workspace.land(${JSON.stringify(bed.follower)}, JSON.parse(text)));` +
      `console.log('ready');`;
    const child: ChildProcess = spawn(process.execPath, ['-r', './test/support/ts-register.cjs', '-e', script], {
      stdio: ['pipe', 'pipe', 'inherit'],
    });
    let isReady = false;
    child.stdout?.once('data', () => (isReady = true));
    return {
      ready: until(() => isReady, 60_000),
      ended: new Promise((resolve) => child.once('exit', resolve)),
      land: (landing) => child.stdin?.write(JSON.stringify(landing)),
      kill: () => child.kill('SIGKILL'),
    };
  }
});
