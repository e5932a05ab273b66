import { lstatSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { GitError } from '../../application/ports/git-workspace';
import { damageIn } from '../../infrastructure/git/own-clone/clone-damage';
import { objectionTo, formatIn } from '../../infrastructure/git/own-clone/clone-files';
import { openView } from '../../infrastructure/git/own-clone/clone-view';
import { ok, warn, type Finding } from './finding';
import { sizeText } from './space';
import { need, type CheckContext } from './check-context';

const NAME = 'own clones';
/** For all of them together; a large repository takes minutes to read, and nobody waits for that here. */
const SEARCH_MS = 30_000;

/** The service's clones of the target repositories: as they were made, and every object whole. */
export async function checkOwnClones({ place }: CheckContext): Promise<Finding> {
  const repos = join(need(place).stateDir, 'repos');
  const names = clonesIn(repos);
  if (names.length === 0) return ok(NAME, 'none yet');
  const until = performance.now() + SEARCH_MS;
  const faults: string[] = [];
  const unread: string[] = [];
  for (const name of names) {
    const left = until - performance.now();
    const damage = left > 0 ? await faultOf(join(repos, name), left) : 'unread';
    if (damage === 'unread') unread.push(name);
    else if (damage !== null)
      faults.push(`repos/${name}: expected it whole and as it was made, saw ${damage}; the next run makes it anew`);
  }
  const rest = unread.length > 0 ? `, not read to the end in ${SEARCH_MS / 1000} s: ${unread.join(', ')}` : '';
  const size = sizeText(bytesBelow(repos));
  const whole = `${names.length - faults.length - unread.length} of ${names.length} whole, ${size}${rest}`;
  return faults.length > 0 ? warn(NAME, whole, ...faults) : ok(NAME, whole);
}

/** @returns null where nothing is wrong. */
async function faultOf(clone: string, timeoutMs: number): Promise<string | null> {
  const format = formatIn(clone);
  const objection = objectionTo(clone, format);
  if (objection !== null) return objection;
  // Nothing is written into the state directory, and nothing that stands in the clone's configuration is read.
  const dir = mkdtempSync(join(tmpdir(), 'stagegate-doctor-'));
  try {
    const { git } = await openView(dir, { clone, format, target: clone });
    return await damageIn(git, dir, timeoutMs);
  } catch (error) {
    if (error instanceof GitError && error.code === 'GIT_TIMEOUT') return 'unread';
    throw error;
  } finally {
    rmSync(dir, { recursive: true, force: true });
  }
}

function bytesBelow(dir: string): number {
  const entries = readdirSync(dir, { recursive: true, encoding: 'utf8' });
  // What a service at work takes away meanwhile has no size.
  return entries.reduce((sum, name) => sum + (lstatSync(join(dir, name), { throwIfNoEntry: false })?.size ?? 0), 0);
}

function clonesIn(repos: string): readonly string[] {
  try {
    return readdirSync(repos).filter((name) => name.endsWith('.git') && !name.startsWith('.'));
  } catch {
    // Nothing was ever fetched here.
    return [];
  }
}
