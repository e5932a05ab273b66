import { chmodSync, readFileSync, rmSync, statSync, symlinkSync, utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { codeOf, LOG, TASK } from './git-bed';
import { FollowBed } from './follow-bed';

let bed: FollowBed;
beforeEach(() => {
  bed = new FollowBed();
});
afterEach(() => {
  bed.dispose();
});

describe('a landing into a main that is checked out', () => {
  test('takes files and index along, and leaves nothing behind', async () => {
    const landing = await bed.landing();
    const outcome = await bed.workspace.land(bed.follower, landing);
    expect(outcome).toEqual({ kind: 'landed', followed: { at: bed.work, left: [] } });
    expect(bed.mainHead()).toBe(landing.newOid);
    expect(bed.status()).toBe('');
    expect([bed.read('main.txt'), bed.read('new/file.txt'), bed.read('gone.txt'), bed.read('dir/deep.txt')]).toEqual([
      'one\ntwo\n',
      'new\n',
      null,
      'deeper\n',
    ]);
    expect(bed.traces()).toEqual([]);
    expect(bed.git(['reflog', '--format=%gs', '-1', 'HEAD'])).toBe('stagegate: land web.T-1 claim 7');
  });

  test('leaves alone what it does not touch: changed, staged, untracked, ignored', async () => {
    bed.write('kept.txt', 'mine\n');
    bed.write('staged.txt', 'staged\n');
    bed.git(['add', 'staged.txt']);
    bed.write('untracked.txt', 'untracked\n');
    bed.write('debug.log', 'ignored\n');
    const before = bed.status();
    expect(await bed.land()).toMatchObject({ kind: 'landed', followed: { left: [] } });
    expect(bed.status()).toBe(before);
    expect([bed.read('kept.txt'), bed.read('debug.log'), bed.read('new/file.txt')]).toEqual([
      'mine\n',
      'ignored\n',
      'new\n',
    ]);
  });

  /** What lands, and what of a person's is in its way. */
  const inTheWay: readonly [string, () => void, string][] = [
    [
      'a changed file',
      () => {
        bed.write('main.txt', 'mine\n');
      },
      'main.txt (changed)',
    ],
    [
      'a changed file that lands as removed',
      () => {
        bed.write('gone.txt', 'mine\n');
      },
      'gone.txt (changed)',
    ],
    [
      'a removed file',
      () => {
        rmSync(join(bed.work, 'main.txt'));
      },
      'main.txt (changed)',
    ],
    [
      'a staged file',
      () => {
        bed.write('main.txt', 'mine\n');
        bed.git(['add', 'main.txt']);
      },
      'main.txt (staged)',
    ],
    [
      'a file that was added, and not committed',
      () => {
        bed.write('new/file.txt', 'mine\n');
        bed.git(['add', 'new/file.txt']);
      },
      'new/file.txt (staged)',
    ],
    [
      'an untracked file',
      () => {
        bed.write('new/file.txt', 'mine\n');
      },
      'new/file.txt (not in git)',
    ],
    [
      'an ignored file',
      () => {
        bed.write('built.log', 'landed\n');
        bed.git(['switch', '--quiet', 'feature']);
        bed.git(['add', '--force', 'built.log']);
        bed.git(['commit', '--quiet', '-m', 'log']);
        bed.git(['switch', '--quiet', 'main']);
        bed.write('built.log', 'mine\n');
      },
      'built.log (not in git)',
    ],
    [
      'an untracked file where a folder lands',
      () => {
        bed.write('new', 'mine\n');
      },
      'new (not in git)',
    ],
    [
      'an untracked link where a folder lands',
      () => {
        symlinkSync(bed.root + '/nowhere', join(bed.work, 'new'));
      },
      'new (not in git)',
    ],
    [
      'an ignored file below a folder where a file lands',
      () => {
        bed.write('new/file.txt/mine.log', 'mine\n');
      },
      'new/file.txt/mine.log (not in git)',
    ],
    [
      'a changed file that git was told to take for unchanged',
      () => {
        bed.git(['update-index', '--assume-unchanged', 'main.txt']);
        bed.write('main.txt', 'mine\n');
      },
      'main.txt (changed)',
    ],
    [
      'a changed file that git was told to skip',
      () => {
        bed.git(['update-index', '--skip-worktree', 'main.txt']);
        bed.write('main.txt', 'mine\n');
      },
      "'main.txt' not uptodate",
    ],
    [
      'a conflict that is not resolved, wherever it is',
      () => {
        const oid = bed.git(['rev-parse', 'main:kept.txt']);
        const stages = [1, 2, 3].map((stage) => `100644 ${oid} ${stage}\tkept.txt\n`);
        bed.git(['update-index', '--index-info'], bed.work, `0 ${'0'.repeat(40)}\tkept.txt\n${stages.join('')}`);
      },
      'kept.txt (unresolved)',
    ],
  ];
  test.each(inTheWay)('is refused before main moves by %s, and names it', async (_what, make, words) => {
    make();
    const landing = await bed.landing();
    const before = bed.everything();
    const refused = bed.workspace.land(bed.follower, landing);
    await expect(refused).rejects.toThrow(words);
    expect(await codeOf(refused)).toBe('GIT_FILES_IN_THE_WAY');
    expect(bed.everything()).toEqual(before);
    expect(bed.traces()).toEqual([]);
  });

  test('is refused by a change in the very second in which the index was written, of as many bytes', async () => {
    const landing = await bed.landing();
    // What git notes of a file are seconds and sizes: both are as they were.
    bed.git(['update-index', '--refresh']);
    const at = Math.floor(statSync(join(bed.work, '.git/index')).mtimeMs / 1000);
    utimesSync(join(bed.work, 'main.txt'), at, at);
    bed.git(['update-index', '--refresh']);
    utimesSync(join(bed.work, '.git/index'), at, at);
    bed.write('main.txt', 'ONE\n');
    utimesSync(join(bed.work, 'main.txt'), at, at);
    bed.config(bed.work, 'core.trustctime', 'false');
    await expect(bed.workspace.land(bed.follower, landing)).rejects.toThrow('main.txt (changed)');
    expect(bed.read('main.txt')).toBe('ONE\n');
  });

  const busy: readonly [string, () => void, string][] = [
    ['the index is locked', () => bed.plant(join(bed.work, '.git/index.lock'), ''), 'locked the index'],
    [
      'a merge is under way',
      () => bed.plant(join(bed.work, '.git/MERGE_HEAD'), bed.mainHead()),
      'a merge is under way',
    ],
    [
      'main is being rebased',
      () => {
        bed.git(['switch', '--quiet', '--detach']);
        bed.plant(join(bed.work, '.git/rebase-merge/head-name'), 'refs/heads/main\n');
      },
      'main is being rebased',
    ],
    [
      'two work trees have main checked out',
      () => bed.git(['worktree', 'add', '--quiet', '--force', join(bed.root, 'second'), 'main']),
      'second',
    ],
    [
      'its folder is gone',
      () => {
        bed.git(['switch', '--quiet', '--detach']);
        bed.git(['worktree', 'add', '--quiet', join(bed.root, 'second'), 'main']);
        rmSync(join(bed.root, 'second'), { recursive: true });
      },
      'second',
    ],
  ];
  test.each(busy)('waits while %s', async (_what, make, words) => {
    const landing = await bed.landing();
    make();
    const before = bed.everything();
    const outcome = await bed.workspace.land(bed.follower, landing);
    expect(outcome).toEqual({ kind: 'lock-busy', detail: expect.stringContaining(words) as unknown });
    expect(bed.everything()).toEqual(before);
  });
});

describe('the files that follow', () => {
  const followed = (at: string) => ({ kind: 'landed', followed: { at, left: [] } });

  test('are those of a linked work tree, also of a bare repository and of a main that stands for another branch', async () => {
    const tree = join(bed.root, 'tree');
    bed.git(['switch', '--quiet', '--detach']);
    bed.git(['branch', '--move', 'main', 'trunk']);
    bed.git(['symbolic-ref', 'refs/heads/main', 'refs/heads/trunk']);
    bed.git(['worktree', 'add', '--quiet', tree, 'trunk']);
    const head = bed.git(['rev-parse', 'HEAD']);
    expect(await bed.land()).toEqual(followed(tree));
    expect([bed.status(tree), bed.status(), bed.git(['rev-parse', 'HEAD'])]).toEqual(['', '', head]);
    expect(bed.git(['reflog', '--format=%gs', '-1', 'HEAD'], tree)).toBe('stagegate: land web.T-1 claim 7');
    expect(bed.traces()).toEqual([]);

    bed.git(['worktree', 'add', '--quiet', join(bed.root, 'of-bare'), 'main'], bed.dir);
    const bare = bed.repository();
    const landing = await bed.candidate('feature', { repository: bare });
    expect(await bed.workspace.land(bare, landing)).toEqual(followed(join(bed.root, 'of-bare')));
    expect(bed.status(join(bed.root, 'of-bare'))).toBe('');
  });

  test('have the line ends and filters of their owner, and no hook runs', async () => {
    const config = bed.plant(
      join(bed.root, 'gitconfig'),
      '[core]\n\tautocrlf = true\n[filter "loud"]\n\tsmudge = tr a-z A-Z\n\tclean = tr A-Z a-z\n',
    );
    bed.config(bed.work, 'core.fsmonitor', bed.canary('fsmonitor'));
    for (const hook of ['post-merge', 'post-checkout', 'post-index-change', 'reference-transaction'])
      bed.plant(join(bed.work, '.git/hooks', hook), `#!/bin/sh\n${bed.canary(hook)}\n`, 0o755);
    bed.onFeature({ '.gitattributes': '*.loud filter=loud\n', 'a.loud': 'quiet\n' });
    process.env['GIT_CONFIG_GLOBAL'] = config;
    const planted = bed.sung();
    try {
      expect(await bed.land()).toEqual(followed(bed.work));
    } finally {
      delete process.env['GIT_CONFIG_GLOBAL'];
    }
    expect([bed.read('a.loud'), bed.read('main.txt')]).toEqual(['QUIET\r\n', 'one\r\ntwo\r\n']);
    expect(bed.sung()).toEqual(planted);
  });

  test('are as few as a sparse checkout has, and as many as an index in two files', async () => {
    bed.git(['sparse-checkout', 'set', 'dir']);
    bed.git(['update-index', '--split-index']);
    expect(await bed.land()).toEqual(followed(bed.work));
    expect([bed.read('dir/deep.txt'), bed.read('new/file.txt'), bed.status()]).toEqual(['deeper\n', null, '']);
    bed.git(['sparse-checkout', 'disable']);
    expect([bed.read('new/file.txt'), bed.status()]).toEqual(['new\n', '']);
  });

  test('change from file to folder, link and program, and back', async () => {
    bed.onFeature({}, () => {
      rmSync(join(bed.work, 'kept.txt'));
      bed.write('kept.txt/inside', 'inside\n');
      rmSync(join(bed.work, 'dir'), { recursive: true });
      bed.write('dir', 'a file\n');
      symlinkSync('kept.txt/inside', join(bed.work, 'link'));
      chmodSync(join(bed.work, 'main.txt'), 0o755);
    });
    expect(await bed.land()).toEqual(followed(bed.work));
    expect([bed.read('kept.txt/inside'), bed.read('dir'), bed.read('link'), bed.status()]).toEqual([
      'inside\n',
      'a file\n',
      'inside\n',
      '',
    ]);
  });

  test('of a submodule stay where they are; only what main says of them changes', async () => {
    const commits = [bed.git(['rev-parse', 'main']), bed.git(['rev-parse', 'feature'])];
    const sub = (oid = '') => bed.git(['update-index', '--add', '--cacheinfo', `160000,${oid},sub`]);
    bed.git(['clone', '--quiet', bed.work, join(bed.work, 'sub')]);
    bed.git(['checkout', '--quiet', '--detach', commits[0] ?? ''], join(bed.work, 'sub'));
    sub(commits[0]);
    bed.git(['commit', '--quiet', '-m', 'sub']);
    bed.git(['branch', '--force', 'feature', 'main']);
    bed.git(['switch', '--quiet', 'feature']);
    sub(commits[1]);
    bed.git(['commit', '--quiet', '-m', 'sub moves']);
    bed.git(['switch', '--quiet', 'main']);
    const [headOid, baseOid] = [bed.git(['rev-parse', 'feature']), bed.mainHead()];
    const lease = await bed.workspace.takeEpoch(bed.follower, { task: TASK, epoch: '1', log: LOG });
    const landing = { task: TASK, branch: 'feature', headOid, newOid: headOid, baseOid, lease, claimRevision: '7' };
    expect(await bed.workspace.land(bed.follower, landing)).toEqual(followed(bed.work));
    expect(bed.git(['rev-parse', 'HEAD'], join(bed.work, 'sub'))).toBe(commits[0]);
    expect(bed.status()).toBe(' M sub\n');
  });

  test('with names in no encoding, and with line breaks, are named and follow', async () => {
    const odd = Buffer.concat([Buffer.from(join(bed.work, 'odd-')), Buffer.from([0xff, 0x0a]), Buffer.from('é')]);
    bed.onFeature({}, () => {
      writeFileSync(odd, 'odd\n');
    });
    writeFileSync(odd, 'mine\n');
    expect(await codeOf(bed.land())).toBe('GIT_FILES_IN_THE_WAY');
    expect(readFileSync(odd, 'utf8')).toBe('mine\n');
    rmSync(odd);
    expect(await bed.land()).toEqual(followed(bed.work));
    expect(readFileSync(odd, 'utf8')).toBe('odd\n');
  });
});

describe('somebody at work there at the same moment', () => {
  test('cannot commit what was before on top of what has landed: the index is locked meanwhile', async () => {
    const said = join(bed.root, 'said');
    // A person who commits everything as soon as main has moved, and before the files follow.
    bed.fakeGit(`case " $* " in *" update-ref --stdin "*) "$REAL_GIT" "$@"; is=$?
      (unset GIT_INDEX_FILE; "$REAL_GIT" -c user.name=A -c user.email=a@b.c commit --quiet --allow-empty -a -m mine >'${said}' 2>&1); exit $is;; esac
      exec "$REAL_GIT" "$@"`);
    const landing = await bed.landing();
    bed.write('kept.txt', 'mine\n');
    expect(await bed.workspace.land(bed.follower, landing)).toEqual({
      kind: 'landed',
      followed: { at: bed.work, left: [] },
    });
    bed.realGit();
    expect(readFileSync(said, 'utf8')).toContain('index.lock');
    expect([bed.mainHead(), bed.status()]).toEqual([landing.newOid, ' M kept.txt\n']);
  });

  test('who commits before it has moved main, and the landing begins anew', async () => {
    const landing = await bed.landing();
    bed.write('kept.txt', 'mine\n');
    bed.git(['commit', '--quiet', '-a', '-m', 'mine']);
    const before = bed.everything();
    expect(await bed.workspace.land(bed.follower, landing)).toEqual({ kind: 'main-moved' });
    expect(bed.everything()).toEqual(before);
    expect(bed.traces()).toEqual([]);
  });

  test('who changes a file between the last look and git finds it as it was, and named', async () => {
    bed.fakeGit(`case " $* " in *" read-tree -m -u "*) printf 'mine\\n' > '${bed.work}/main.txt'; mkdir -p '${bed.work}/new'; printf 'mine\\n' > '${bed.work}/new/file.txt';; esac
      exec "$REAL_GIT" "$@"`);
    const outcome = await bed.land();
    expect(outcome).toEqual({ kind: 'landed', followed: { at: bed.work, left: ['main.txt', 'new/file.txt'] } });
    expect([bed.read('main.txt'), bed.read('new/file.txt'), bed.read('dir/deep.txt')]).toEqual([
      'mine\n',
      'mine\n',
      'deeper\n',
    ]);
    // Against main as it is now: the next commit of them is one that says so.
    expect(bed.status()).toBe(' M main.txt\n M new/file.txt\n');
    expect(bed.traces()).toEqual([]);
  });

  test('whose filter fails after main has moved finds an index that takes nothing back', async () => {
    const config = bed.plant(join(bed.root, 'gitconfig'), '[filter "broken"]\n\tsmudge = exit 1\n\trequired = true\n');
    bed.onFeature({ '.gitattributes': 'a.broken filter=broken\n', 'a.broken': 'x\n' });
    process.env['GIT_CONFIG_GLOBAL'] = config;
    try {
      const outcome = await bed.land();
      expect(outcome).toMatchObject({ kind: 'landed', followed: { at: bed.work } });
      const { left, fault } =
        outcome.kind === 'landed' && outcome.followed ? outcome.followed : { left: ['nothing'], fault: '' };
      expect([left.includes('a.broken'), fault]).toEqual([true, expect.stringContaining('filter')]);
    } finally {
      delete process.env['GIT_CONFIG_GLOBAL'];
    }
    expect(bed.git(['diff', '--cached', '--name-only', 'main'])).toBe('');
    expect(bed.traces()).toEqual([]);
  });
});
