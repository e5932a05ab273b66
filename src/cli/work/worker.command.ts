import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { A_ROLE, isRole } from '../../application/outside/roles';
import { durationMs } from '../../infrastructure/config/values/duration';
import { loadServiceConfig } from '../../infrastructure/config/service-config';
import { mustReach } from '../../infrastructure/git/work-clone';
import { ProcWorkerHost } from '../../infrastructure/processes/proc/proc-worker-host';
import { GitError } from '../../application/ports/git-workspace';
import { quoted } from '../../application/secrets';
import type { Taken } from '../../application/outside/work-requests';
import type { Client } from '../client';
import { EXIT } from '../exit-codes';
import type { Output } from '../output';
import { clearLeftPlaces, makeOwnPlace } from '../own-place';
import { whenAskedToEnd } from '../signals';
import { Refused, UserError } from '../user-error';
import { pause } from './pause';
import { runWork, type RunWorkOptions, type WorkEnd } from './run-work';

export interface WorkerFlags {
  readonly role: string;
  readonly project?: string;
  readonly once?: boolean;
  readonly cloneFrom?: string;
  readonly timeout?: string;
}

/** How often it asks when there is nothing to take. */
const ASK_AGAIN_MS = 2_000;

/**
 * A worker in one line: takes what is offered for a role, has a command do it, hands the result in, and asks again.
 *
 * @returns 0 when it was told to stop, or, with `--once`, when the work was completed.
 */
export async function runWorker(
  client: Client,
  command: readonly string[],
  flags: WorkerFlags,
  output: Output,
): Promise<number> {
  const options = optionsOf(command, flags);
  const { asked, signal } = whenAskedToEnd();
  const passOver = passedOver(output);
  const host = new ProcWorkerHost();
  await clearLeftPlaces('work', host);
  const place = makeOwnPlace('work', host);
  try {
    for (;;) {
      const taken = await takeNext(client, flags, signal, passOver);
      if (taken === null) {
        if (signal.aborted) return (await asked).code;
        if (flags.once) output.note(`nothing to take for a ${flags.role}`);
        if (flags.once) return EXIT.ok;
        await pause(ASK_AGAIN_MS, signal);
        continue;
      }
      output.note(`${taken.task}: taken as ${taken.role} (claim ${taken.claim})`);
      const end = await runWork(client, taken, place, options, signal);
      await rm(join(place, taken.runId), { recursive: true, force: true });
      report(taken, end, output);
      if (signal.aborted) return (await asked).code;
      if (end.kind === 'unable') throw new UserError(end.why);
      if (flags.once) return isDone(end) ? EXIT.ok : EXIT.internal;
    }
  } finally {
    await rm(place, { recursive: true, force: true });
  }
}

function optionsOf(command: readonly string[], { role, timeout, cloneFrom }: WorkerFlags): RunWorkOptions {
  if (!isRole(role)) throw new UserError(`--role: expected ${A_ROLE}, saw ${quoted(role)}`);
  if (command.length === 0)
    throw new UserError('work: expected a command after --, saw none; or stagegate work take, to do it by hand');
  const timeoutMs = timeout === undefined ? null : durationMs(timeout);
  if (timeout !== undefined && timeoutMs === null)
    throw new UserError(`--timeout: expected a duration like 900s, 10m or 500ms, saw ${quoted(timeout)}`);
  const { defaults, subprocessTreeKillEnabled: treeKill } = loadServiceConfig();
  return { command, cloneFrom: cloneFrom ?? null, timeoutMs, graceMs: defaults.graceMs, treeKill };
}

/** @returns null when there is nothing to take just now. @throws GitError before anything is taken that cannot be cloned here. */
async function takeNext(
  client: Client,
  { role, project, cloneFrom }: WorkerFlags,
  signal: AbortSignal,
  passOver: (task: string, why: string) => void,
): Promise<Taken | null> {
  const { items } = await client.work({ role, project: project ?? null });
  let elsewhere = 0;
  for (const { task, repository, branch } of items) {
    if (signal.aborted) return null;
    try {
      await mustReach(cloneFrom ?? repository, branch);
      return await client.takeWork({ task, role });
    } catch (error) {
      if (!isOfOneTask(error)) throw error;
      if (error instanceof Refused && error.code === 'not-allowed') elsewhere += 1;
      else if (!(error instanceof Refused && TAKEN.has(error.code))) passOver(task, (error as Error).message);
    }
  }
  // Whether this worker may work nowhere, or only elsewhere, the service tells whoever asks for anything.
  return elsewhere > 0 && elsewhere === items.length ? takeAny(client, role, project) : null;
}

async function takeAny(client: Client, role: string, project: string | undefined): Promise<Taken | null> {
  try {
    return await client.takeWork({ role, ...(project !== undefined && { project }) });
  } catch (error) {
    if (error instanceof Refused && error.code === 'nothing-to-take') return null;
    throw error;
  }
}

/** Somebody was faster, it is of a project of others, or its branch is gone: the next one may be there all the same. */
function isOfOneTask(error: unknown): boolean {
  if (error instanceof GitError) return error.code === 'GIT_BRANCH_MISSING';
  if (!(error instanceof Refused)) return false;
  return TAKEN.has(error.code) || error.code === 'not-allowed' || error.code.startsWith('GIT_');
}

const TAKEN = new Set(['not-offered', 'already-claimed', 'not-the-next-step', 'contended']);

/** Says once of each task why it is left where it is. */
function passedOver(output: Output): (task: string, why: string) => void {
  const told = new Set<string>();
  return (task, why) => {
    if (!told.has(task)) output.note(`${task} is passed over: ${why}`);
    told.add(task);
  };
}

function isDone(end: WorkEnd): boolean {
  return end.kind === 'handed' && end.handed.outcome === 'completed';
}

function report(taken: Taken, end: WorkEnd, output: Output): void {
  if (output.isJson) {
    output.json(
      end.kind === 'handed' ? end.handed : { task: taken.task, claim: taken.claim, outcome: end.kind, reason: end.why },
    );
    return;
  }
  if (end.kind !== 'handed')
    output.line(`${taken.task} ${end.kind === 'lost' ? 'is lost' : 'was given back'}: ${end.why}`);
  else output.line(`${taken.task} ${end.handed.outcome}${detailOf(end.handed)}`);
}

function detailOf({ verdict, headOid, reason }: Extract<WorkEnd, { kind: 'handed' }>['handed']): string {
  const detail = verdict ?? headOid ?? reason;
  return detail === null ? '' : `: ${detail}`;
}
