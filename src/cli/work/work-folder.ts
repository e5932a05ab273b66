import { existsSync, readFileSync } from 'node:fs';
import { mkdir, rm, writeFile } from 'node:fs/promises';
import { basename, join, resolve } from 'node:path';
import type { Taken } from '../../application/outside/work-requests';
import { fillPlaces } from '../../domain/brief/brief';
import { cloneForWork } from '../../infrastructure/git/work-clone';
import { UserError } from '../user-error';

/** What a person finds in the folder of taken work. */
const FILES = { prompt: 'brief.md', brief: 'brief', claim: 'claim.json', clone: 'repo' } as const;

/** What the folder keeps of the claim: enough to end it from there. */
export type KeptClaim = Pick<Taken, 'task' | 'role' | 'claim' | 'secret' | 'branch' | 'headOid' | 'artifact'>;

export interface WorkFolder {
  readonly dir: string;
  readonly clone: string;
  /** Where the artifact is looked for, if nobody says otherwise. */
  readonly artifact: string | null;
  readonly claim: KeptClaim;
}

/** Refuses a folder that is there: nothing in it is overwritten, and no other claim is forgotten. */
export function mustBeFree(dir: string): void {
  if (!existsSync(dir)) return;
  throw new UserError(`--dir: expected a folder that is not there yet, saw ${dir}; name another one, or remove it`);
}

export async function makeWorkFolder(dir: string, taken: Taken, cloneFrom: string | null): Promise<WorkFolder> {
  await mkdir(dir, { recursive: true, mode: 0o700 });
  const { task, role, claim, secret, branch, headOid, artifact } = taken;
  const kept: KeptClaim = { task, role, claim, secret, branch, headOid, artifact };
  // First of all: whoever has the secret can end the claim, whatever comes next.
  await writeFile(join(dir, FILES.claim), `${JSON.stringify(kept, null, 2)}\n`, { mode: 0o600 });
  const brief = join(dir, FILES.brief);
  await writeFile(join(dir, FILES.prompt), fillPlaces(taken.brief.prompt, { artifact_dir: dir, brief_dir: brief }));
  await mkdir(brief);
  for (const { name, text } of taken.brief.files) await writeFile(join(brief, basename(name)), text);
  const source = { ...taken, repository: cloneFrom ?? taken.repository, commits: artifact === null };
  await cloneForWork(join(dir, FILES.clone), source);
  return folderOf(dir, kept);
}

/** @throws UserError when no work that was taken is there. */
export function openWorkFolder(at: string): WorkFolder {
  const dir = resolve(at);
  try {
    return folderOf(dir, JSON.parse(readFileSync(join(dir, FILES.claim), 'utf8')) as KeptClaim);
  } catch {
    throw new UserError(
      `folder: expected one that stagegate work take has made, saw no ${FILES.claim} in ${dir}; name the folder of the work`,
    );
  }
}

/** Whether the claim is still to be ended from there. */
export function isKept(dir: string): boolean {
  return existsSync(join(dir, FILES.claim));
}

/** The claim has ended: its secret is of no more use. What was written beside it stays. */
export async function forgetClaim({ dir }: WorkFolder): Promise<void> {
  await rm(join(dir, FILES.claim), { force: true });
}

function folderOf(dir: string, claim: KeptClaim): WorkFolder {
  const artifact = claim.artifact && join(dir, claim.artifact.file);
  return { dir, clone: join(dir, FILES.clone), artifact, claim };
}
