import { readdirSync, rmSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { GitError, type UpkeepOptions } from '../../../application/ports/git-workspace';
import { taskIdOf, type TaskId } from '../../../domain/ids';
import type { CloneView } from './clone-view';
import { TASK_REFS } from '../command/names';
import { oneAtATime } from './one-at-a-time';
import { pastStaleLocks } from './stale-locks';

/** Any of these is worth a minute of work beside the others. All are counted anew each time, so that nothing is to be remembered. */
const MOST_TASKS = 100;
const MOST_PACKS = 20;
const MOST_LOOSE = 2_000;
/** Loose objects are spread evenly over 256 folders; these show how many there are. */
const SAMPLE = Array.from({ length: 16 }, (_, index) => `${index.toString(16)}0`);
const SAMPLES_IN_ALL = 16;

/** What no ref names may belong to a job that is about to name it. No job takes that long from writing an object to naming it. */
const GRACE_MS = 2 * 3_600_000;
const GRACE = '2.hours.ago';
/** A repository that takes longer stays as it is, and works as well. */
const LIMIT_MS = 600_000;
/** Two steps of that length, and what comes before them. */
const LIFE_MS = 3 * LIMIT_MS;
/** Other jobs run meanwhile: one processor at most, after everybody else, in bounded memory. */
const MODEST = ['-c', 'pack.threads=1', '-c', 'pack.windowMemory=256m', '-c', 'repack.writeBitmaps=false'];

/** @returns whether a clone has gathered so much that it is to be tidied. Looks at a few folders. */
export function isUpkeepDue(clone: string, project: string): boolean {
  const loose = SAMPLE.reduce((sum, name) => sum + namesIn(join(clone, 'objects', name)).length, 0) * SAMPLES_IN_ALL;
  const packs = namesIn(join(clone, 'objects/pack')).filter((name) => /^pack-.*\.pack$/.test(name)).length;
  const tasks = namesIn(join(clone, 'refs/stagegate/in', project)).length;
  return tasks >= MOST_TASKS || packs >= MOST_PACKS || loose >= MOST_LOOSE;
}

/**
 * Forgets what final tasks had, and puts everything into one pack, what nothing names into another, for as long as a job may
 * still need it. Whoever works on the clone meanwhile finds every object and ref all the time, and so does who comes after
 * a kill at any point. Two at once would not: `repack` takes the half-made packs of another one for packs, as `gc` knows,
 * which has a mark of this kind too.
 */
export async function keepUp(view: CloneView, options: UpkeepOptions): Promise<void> {
  await oneAtATime(join(view.clone, 'upkeep-under-way'), LIFE_MS, () => tidy(view, options));
}

async function tidy(view: CloneView, options: UpkeepOptions): Promise<void> {
  const { dir: cwd, clone, git } = view;
  const { signal } = options;
  const dropped = await finalRefs(view, options);
  const refs = async () => {
    if (dropped.length > 0) await drop(view, dropped);
    await git.run(['pack-refs', '--all', '--prune'], { cwd });
  };
  const isMine = await pastStaleLocks(clone, refs).then(() => true, unlessLocked);
  if (!isMine) return;
  const gentle = { cwd, timeoutMs: LIMIT_MS, signal, isModest: true };
  await git.run([...MODEST, 'repack', '-q', '-n', '-a', '-d', '--cruft', `--cruft-expiration=${GRACE}`], gentle);
  // What was never in a pack.
  await git.run(['prune', `--expire=${GRACE}`], gentle);
  removeParts(join(clone, 'objects/pack'));
}

/** Somebody else is at it. */
function unlessLocked(error: unknown): false {
  if (error instanceof GitError && error.code === 'GIT_LOCKED') return false;
  throw error;
}

interface NamedOid {
  readonly ref: string;
  readonly oid: string;
}

/** All or none: where one of them was moved meanwhile, they stay until the next time. */
async function drop({ dir: cwd, git }: CloneView, refs: readonly NamedOid[]): Promise<void> {
  const input = refs.map(({ ref, oid }) => `delete ${ref} ${oid}\n`).join('');
  await git.run(['update-ref', '--stdin'], { cwd, input }).catch((error: unknown) => {
    if (!(error instanceof GitError) || !/but expected|unable to resolve/.test(error.message)) throw error;
  });
}

async function finalRefs(
  { dir: cwd, git }: CloneView,
  { isFinal, signal }: UpkeepOptions,
): Promise<readonly NamedOid[]> {
  const lines = (await git.text(['for-each-ref', '--format=%(objectname) %(refname)', TASK_REFS], { cwd })).split('\n');
  const answers = new Map<TaskId, boolean>();
  const dropped: NamedOid[] = [];
  for (const line of lines.filter(Boolean)) {
    const [oid = '', ref = ''] = line.split(' ');
    const [project = '', task = ''] = ref.split('/').slice(-2);
    const id = taskIdOf(project, task);
    if (signal.aborted) return [];
    const isDone = answers.get(id) ?? (await isFinal(id));
    answers.set(id, isDone);
    if (isDone) dropped.push({ ref, oid });
  }
  return dropped;
}

/** What git that was killed has begun to write. */
function removeParts(dir: string): void {
  for (const name of namesIn(dir).filter((each) => /^(?:tmp_|\.tmp-)/.test(each))) {
    const path = join(dir, name);
    const changedAt = statSync(path, { throwIfNoEntry: false })?.mtimeMs ?? Infinity;
    if (changedAt < Date.now() - GRACE_MS) rmSync(path, { force: true });
  }
}

function namesIn(dir: string): readonly string[] {
  try {
    return readdirSync(dir);
  } catch {
    // Nothing was ever put there.
    return [];
  }
}
