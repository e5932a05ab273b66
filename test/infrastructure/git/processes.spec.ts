import { mkdirSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { GitBed, LOG, TASK } from './git-bed';

/**
 * Every git process of one landing, those that git starts itself among them. Each takes the service some milliseconds, and
 * they are most of what a landing in a small repository takes: who needs one more raises this, and says what for.
 */
const MOST = 44;

let bed: GitBed;
let traces: string;
beforeEach(() => {
  bed = new GitBed();
  traces = join(bed.root, 'traces');
});
afterEach(() => {
  bed.dispose();
});

/** What a service asks for from the submission of a branch beside main to its landing. */
async function landed(task: string, branch: string): Promise<void> {
  const { workspace } = bed;
  const repository = bed.repository();
  await workspace.inspect(repository, branch);
  const { headOid, baseOid } = await workspace.fetch(repository, task, branch);
  const full = { baseOid, depth: 'full' } as const;
  const first = await workspace.disposableClone(repository, { ...full, oid: headOid, name: 'first' });
  await first.dispose();
  await workspace.publishArtifacts(repository, task, new Map([['staging.log', `log of ${task}\n`]]));
  await workspace.fetch(repository, task, branch);
  const rebased = await workspace.rebase(repository, { task, branch, headOid, baseOid });
  if (rebased.kind !== 'rebased') throw new Error(`expected a candidate, saw ${rebased.kind}`);
  const { newOid } = rebased;
  const second = await workspace.disposableClone(repository, { ...full, oid: newOid, name: 'second' });
  await second.dispose();
  const lease = await workspace.takeEpoch(repository, { task, epoch: task.replace(/\D/g, ''), log: LOG });
  const landing = { task, branch, headOid, baseOid, newOid, lease, claimRevision: '7' };
  expect(await workspace.land(repository, landing)).toEqual({ kind: 'landed' });
  expect(bed.head('main')).toBe(newOid);
}

/** Git notes each of its processes in a file of its own. @returns their commands, in the order in which they began. */
function commands(): readonly string[] {
  return readdirSync(traces)
    .sort()
    .map((name) => {
      const [, words = '[]'] =
        /"event":"start".*?"argv":(\[.*?\])/.exec(readFileSync(join(traces, name), 'utf8')) ?? [];
      return (JSON.parse(words) as string[]).join(' ').replaceAll(/ -c \S+/g, '');
    });
}

test('a landing that needs a rebase takes a bounded number of git processes', async () => {
  for (const branch of ['one', 'two']) bed.push(branch, { [`${branch}.txt`]: `${branch}\n` }, 'main');
  bed.push('main', { 'later.txt': 'later\n' });
  await landed(TASK, 'one');
  mkdirSync(traces);
  bed.fakeGit(`export GIT_TRACE2_EVENT='${traces}'\nexec "$REAL_GIT" "$@"`);
  await landed('web.T-2', 'two');
  bed.realGit();
  // Named where there are too many of them.
  expect(commands().length <= MOST ? [] : commands()).toEqual([]);
  expect(commands().filter((command) => / update-ref --stdin /.test(command))).toHaveLength(1);
  // Each task leaves a ref of its own beside this one, and that command reads all of them.
  expect(commands().filter((command) => / for-each-ref .*refs\/stagegate\/(artifacts|epoch)/.test(command))).toEqual(
    [],
  );
});
