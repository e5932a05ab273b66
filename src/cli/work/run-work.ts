import { join } from 'node:path';
import type { AgentReply } from '../../application/ports/agent-transport';
import { GitError } from '../../application/ports/git-workspace';
import type { Handed, Taken } from '../../application/outside/work-requests';
import { decodeUtf8 } from '../../domain/staging/front-matter';
import type { JsonObject } from '../../domain/json';
import { CommandAgentTransport } from '../../infrastructure/agents/command-agent-transport';
import { processEnvironment } from '../../infrastructure/config/environment';
import { cloneForWork, headIn, pushWork } from '../../infrastructure/git/work-clone';
import { createProcessRunner } from '../../infrastructure/processes/create-process-runner';
import { ProcHostEnvironment } from '../../infrastructure/processes/proc/proc-host-environment';
import { ProcWorkerHost } from '../../infrastructure/processes/proc/proc-worker-host';
import { PinoLogger } from '../../infrastructure/system/pino-logger';
import type { Client } from '../client';
import { Refused, UserError } from '../user-error';
import { Heartbeats } from './heartbeats';
import { pause } from './pause';

export interface RunWorkOptions {
  readonly command: readonly string[];
  /** The repository as this machine reaches it; null for the way that the service has. */
  readonly cloneFrom: string | null;
  readonly timeoutMs: number | null;
  readonly graceMs: number;
  readonly treeKill: boolean;
}

/** How one piece of work ended here. `lost`: somebody else has it by now, and there is nothing left to say. */
export type WorkEnd =
  | { readonly kind: 'handed'; readonly handed: Handed }
  | { readonly kind: 'lost'; readonly why: string }
  /** No command of this worker will ever do it: asking for more work would be in vain. */
  | { readonly kind: 'unable'; readonly why: string };

/** Does work that has been taken: a clone, the command, its result. Whatever happens, the claim is ended or known to be lost. */
export async function runWork(
  client: Client,
  taken: Taken,
  place: string,
  options: RunWorkOptions,
  interrupted: AbortSignal,
): Promise<WorkEnd> {
  const heartbeats = new Heartbeats(client, taken);
  const stop = AbortSignal.any([interrupted, heartbeats.lost]);
  try {
    const ended = await attempt(patient(client, stop), taken, place, options, stop);
    if (heartbeats.lost.aborted) return { kind: 'lost', why: String(heartbeats.lost.reason) };
    return ended ?? (await released(client, taken, 'the worker was told to stop'));
  } catch (error) {
    if (heartbeats.lost.aborted) return { kind: 'lost', why: String(heartbeats.lost.reason) };
    if (error instanceof Refused && LOST.has(error.code)) return { kind: 'lost', why: error.message };
    const why = error instanceof Error ? error.message : String(error);
    const ended = await released(client, taken, why).catch((refused: unknown) => refused as Error);
    if (ended instanceof Refused && LOST.has(ended.code)) return { kind: 'lost', why };
    if (isOfTheBranch(error) && !(ended instanceof Error)) return ended;
    if (error instanceof GitError) return { kind: 'unable', why };
    throw error;
  } finally {
    heartbeats.stop();
  }
}

/** How often a result is handed in again while the service does not answer. */
const HAND_IN_AGAIN_MS = 1_000;

/** Work that is done is not thrown away because the service restarts: until the claim is lost, it may be back. */
function patient(client: Client, stop: AbortSignal): Client {
  const insist = async <T>(ask: () => Promise<T>): Promise<T> => {
    for (;;) {
      try {
        return await ask();
      } catch (error) {
        const isUnanswered = error instanceof UserError && !(error instanceof Refused);
        if (!isUnanswered || stop.aborted) throw error;
        await pause(HAND_IN_AGAIN_MS, stop);
      }
    }
  };
  return {
    ...client,
    completeWork: (task, request) => insist(() => client.completeWork(task, request)),
    giveUpWork: (how, task, request) => insist(() => client.giveUpWork(how, task, request)),
  };
}

/** Somebody has moved or deleted it meanwhile: that says nothing about other work. */
function isOfTheBranch(error: unknown): boolean {
  return (error instanceof GitError || error instanceof Refused) && OF_THE_BRANCH.has(error.code);
}

const OF_THE_BRANCH = new Set(['GIT_BRANCH_MISSING', 'GIT_BRANCH_MOVED', 'GIT_BRANCH_UNUSABLE']);
const LOST = new Set(['stale', 'stale-claim', 'not-your-claim']);

/** @returns null when it was told to stop. */
async function attempt(
  client: Client,
  taken: Taken,
  place: string,
  options: RunWorkOptions,
  stop: AbortSignal,
): Promise<WorkEnd | null> {
  const clone = join(place, taken.runId);
  const commits = taken.artifact === null;
  await cloneForWork(clone, { ...taken, repository: options.cloneFrom ?? taken.repository, commits });
  const { result, artifact, usage } = await runCommand(taken, place, clone, options, stop);
  if (stop.aborted) return null;
  if (result.kind === 'tool_error' && result.executed === false) {
    const why = `the command cannot be run here: ${result.reason}: ${result.evidence.join('; ')}`;
    await released(client, taken, why);
    return { kind: 'unable', why };
  }
  if (result.kind === 'tool_error') return failed(client, taken, `the command was cut short: ${result.reason}`);
  if (result.exitCode !== 0) return failed(client, taken, `the command ended with exit code ${result.exitCode}`);
  if (commits) {
    if ((await headIn(clone)) === taken.headOid) return failed(client, taken, 'the command ended without a commit');
    await pushWork(clone, taken.branch, taken.headOid);
  } else if (artifact === null) return failed(client, taken, `the command left no usable ${taken.artifact.file}`);
  const text = artifact === null ? undefined : decodeUtf8(artifact);
  if (text === null)
    return failed(client, taken, `the command left what is not UTF-8 as ${taken.artifact?.file ?? ''}`);
  const said = usage?.kind === 'usage' ? { usage: { ...usage.usage } } : {};
  return complete(client, taken, { artifact: text, ...said });
}

async function runCommand(
  taken: Taken,
  place: string,
  cwd: string,
  { command, timeoutMs, graceMs, treeKill }: RunWorkOptions,
  signal: AbortSignal,
): Promise<AgentReply> {
  const runner = createProcessRunner({ stateDir: place, worker: new ProcWorkerHost().self, treeKill });
  // Nothing that says how the service is reached, and as whom.
  const environment = Object.keys(processEnvironment()).filter((name) => !name.startsWith('STAGEGATE_'));
  const host = new ProcHostEnvironment({ stateDir: place, isolation: 'none' });
  const logger = new PinoLogger({ level: 'error' });
  const transport = new CommandAgentTransport({ runner, host, logger, stateDir: place, environment });
  const leftMs = Math.max(1_000, Date.parse(taken.endsAt) - Date.now());
  return transport.run({
    role: taken.role,
    agent: { command: [...command], timeoutMs: Math.min(timeoutMs ?? leftMs, leftMs), graceMs },
    runId: taken.runId,
    cookie: taken.runId,
    cwd,
    brief: taken.brief,
    artifactFile: taken.artifact?.file ?? null,
    treeKill,
    signal,
  });
}

async function complete(
  client: Client,
  taken: Taken,
  result: { readonly artifact?: string | undefined; readonly usage?: JsonObject | undefined },
): Promise<WorkEnd> {
  const { task, claim, secret } = taken;
  try {
    const { artifact, usage } = result;
    const body = { claim, secret, ...(artifact !== undefined && { artifact }), ...(usage && { usage }) };
    return { kind: 'handed', handed: await client.completeWork(task, body) };
  } catch (error) {
    // A command cannot be asked to correct what it wrote.
    if (!(error instanceof Refused && UNFIT.has(error.code))) throw error;
    return failed(client, taken, error.message);
  }
}

/** What was left is no artifact, too large to be sent, not to be stored, or would give a token away. */
const UNFIT = new Set(['invalid-artifact', 'bad-request', 'token-in-body']);

async function failed(client: Client, { task, claim, secret }: Taken, why: string): Promise<WorkEnd> {
  return { kind: 'handed', handed: await client.giveUpWork('fail', task, { claim, secret, reason: reasonOf(why) }) };
}

async function released(client: Client, { task, claim, secret }: Taken, why: string): Promise<WorkEnd> {
  return { kind: 'handed', handed: await client.giveUpWork('release', task, { claim, secret, reason: reasonOf(why) }) };
}

/** As long as a reason may be. */
function reasonOf(why: string): string {
  return Array.from(why.toWellFormed().replaceAll('\0', '')).slice(0, 500).join('') || 'no reason given';
}
