import { basename, dirname, resolve } from 'node:path';
import type { Handed, Taken } from '../../application/outside/work-requests';
import { decodeUtf8 } from '../../domain/staging/front-matter';
import { collectArtifact } from '../../infrastructure/agents/collect-artifact';
import { headIn, mustReach, pushWork } from '../../infrastructure/git/work-clone';
import type { Client } from '../client';
import { EXIT } from '../exit-codes';
import type { Output } from '../output';
import { shellWord } from '../shell-word';
import { whenAskedToEnd } from '../signals';
import { UserError } from '../user-error';
import { Heartbeats } from './heartbeats';
import { forgetClaim, isKept, makeWorkFolder, mustBeFree, openWorkFolder, type WorkFolder } from './work-folder';

export interface TakeFlags {
  readonly dir?: string;
  readonly cloneFrom?: string;
  /** Ends at once; whoever asks for that sends the heartbeats. */
  readonly detach?: boolean;
}

const LOOK_EVERY_MS = 500;

export async function listWork(
  client: Client,
  output: Output,
  ask: { project?: string; role?: string },
): Promise<void> {
  const view = await client.work({ project: ask.project ?? null, role: ask.role ?? null });
  if (output.isJson) {
    output.json(view);
    return;
  }
  const rows = view.items.map(({ task, role, priority, since, why }) => [task, role, String(priority), since, why]);
  output.table(['task', 'role', 'prio', 'since', 'why'], rows);
}

/** Takes the work of one task, writes down what it is about, and keeps the claim for as long as this runs. */
export async function takeByHand(client: Client, output: Output, task: string, flags: TakeFlags): Promise<number> {
  const dir = resolve(flags.dir ?? task);
  mustBeFree(dir);
  const { items } = await client.work({});
  const offered = items.find((item) => item.task === task);
  if (offered) await mustReach(flags.cloneFrom ?? offered.repository, offered.branch);
  const taken = await client.takeWork({ task });
  const folder = await placed(client, taken, dir, flags.cloneFrom ?? null);
  if (output.isJson) output.json({ ...taken, folder: dir });
  else for (const line of instructions(taken, folder)) output.line(line);
  if (flags.detach) return EXIT.ok;
  return keep(client, taken, folder, output);
}

/** A claim whose folder cannot be made is given back at once. */
async function placed(client: Client, taken: Taken, dir: string, cloneFrom: string | null): Promise<WorkFolder> {
  try {
    return await makeWorkFolder(dir, taken, cloneFrom);
  } catch (error) {
    const { task, claim, secret } = taken;
    await client.giveUpWork('release', task, { claim, secret, reason: 'its folder could not be made' });
    throw error;
  }
}

function instructions({ task, role, artifact, branch, endsAt }: Taken, folder: WorkFolder): readonly string[] {
  const dir = shellWord(folder.dir);
  const work = artifact
    ? `write ${folder.artifact ?? artifact.file}, with ${artifact.key}: ${artifact.values.join(' or ')}`
    : `commit on ${branch} in ${folder.clone}; it is pushed when you complete`;
  return [
    `${task}: you have taken the work of the ${role}, until ${endsAt} at most`,
    `brief     ${folder.dir}/brief.md`,
    `clone     ${folder.clone}`,
    `do        ${work}`,
    `then      stagegate work complete ${dir}`,
    `or        stagegate work fail ${dir} --reason TEXT, or stagegate work release ${dir}`,
  ];
}

/** Until the work is handed in from elsewhere, or somebody asks this to end: then it is given back. */
async function keep(client: Client, taken: Taken, folder: WorkFolder, output: Output): Promise<number> {
  const { asked, signal } = whenAskedToEnd();
  output.note('heartbeats are sent as long as this runs; Ctrl-C gives the work back');
  const heartbeats = new Heartbeats(client, taken);
  try {
    while (isKept(folder.dir) && !signal.aborted && !heartbeats.lost.aborted)
      await new Promise((resolve) => setTimeout(resolve, LOOK_EVERY_MS));
    if (!isKept(folder.dir)) return EXIT.ok;
    if (heartbeats.lost.aborted) throw new UserError(String(heartbeats.lost.reason));
    const { task, claim, secret } = taken;
    report(await client.giveUpWork('release', task, { claim, secret, reason: 'its worker was interrupted' }), output);
    await forgetClaim(folder);
    return (await asked).code;
  } finally {
    heartbeats.stop();
  }
}

/** @param from the artifact, where it is not in the folder. */
export async function completeByHand(
  client: Client,
  output: Output,
  at: string,
  from: string | undefined,
): Promise<void> {
  const folder = openWorkFolder(at);
  const { task, claim, secret, branch, headOid } = folder.claim;
  if (folder.artifact === null && from !== undefined)
    throw new UserError(`--artifact: expected none, a ${folder.claim.role} answers with commits on ${branch}`);
  const path = from === undefined ? folder.artifact : resolve(from);
  if (path === null) {
    if ((await headIn(folder.clone)) === headOid)
      throw new UserError(`complete: expected a commit on ${branch} in ${folder.clone}, saw none; commit first`);
    await pushWork(folder.clone, branch, headOid);
  }
  const artifact = path === null ? undefined : await textOf(path);
  const body = { claim, secret, ...(artifact !== undefined && { artifact }) };
  report(await client.completeWork(task, body), output);
  await forgetClaim(folder);
}

export async function giveUpByHand(
  client: Client,
  output: Output,
  how: 'fail' | 'release',
  { folder: at, reason }: { readonly folder: string; readonly reason: string },
): Promise<void> {
  const folder = openWorkFolder(at);
  const { task, claim, secret } = folder.claim;
  report(await client.giveUpWork(how, task, { claim, secret, reason }), output);
  await forgetClaim(folder);
}

export async function heartbeatByHand(client: Client, output: Output, at: string): Promise<void> {
  const { task, claim, secret } = openWorkFolder(at).claim;
  const extended = await client.heartbeat(task, { claim, secret });
  if (output.isJson) output.json(extended);
  else output.line(`${task} is yours until ${extended.deadlineAt}, ${extended.endsAt} at most`);
}

/** As strictly as what an agent leaves: one plain file, no larger than a report. */
async function textOf(path: string): Promise<string> {
  const found = await collectArtifact(dirname(path), basename(path));
  if (found.kind === 'collected') {
    const text = decodeUtf8(found.bytes);
    if (text !== null) return text;
    throw new UserError(`artifact: expected UTF-8 in ${path}, saw bytes that are not; write it as UTF-8`);
  }
  throw new UserError(`artifact: expected a plain file at ${path}, saw it ${found.reason}; write it first`);
}

function report(handed: Handed, output: Output): void {
  const { task, outcome, verdict, headOid, reason } = handed;
  const detail = verdict ?? headOid ?? reason;
  if (output.isJson) output.json(handed);
  else output.line(`${task} ${outcome}${detail === null ? '' : `: ${detail}`}`);
}
