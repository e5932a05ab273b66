import { join } from 'node:path';
import type { StoredEvent } from '../../application/ports/event-store';
import type { Projects } from '../../application/projects';
import { Core, type CoreSettings } from '../../compose/core';
import { RECONCILE_MS } from '../../compose/defaults';
import type { EvidenceOperations } from '../../application/evidence-operations';
import { DEMO, LOCAL } from '../../domain/authority/principal';
import type { TaskId } from '../../domain/ids';
import type { GateName, PipelineStage } from '../../domain/task/pipeline';
import { forEveryJob } from '../../domain/task/job-table';
import type { SubmittedTask } from '../../domain/task/task.state';
import { Readiness } from '../../infrastructure/http/readiness';
import { PinoLogger } from '../../infrastructure/system/pino-logger';
import { serveHttp } from '../../main';
import type { Output } from '../output';
import { Interrupted, isInterrupted, untilInterrupted } from '../signals';
import { stopInTime } from '../stop-in-time';
import { narrate } from './narrate';
import { Resting } from './resting';

const SLOTS = { ...forEveryJob(() => 1), 'staging-suite': 2 };

export type Stores = Pick<CoreSettings, 'eventStore' | 'readModel'>;

/** A branch as the demo submits it; `id` within its project. */
export interface DemoTask {
  readonly project: string;
  readonly id: string;
  readonly branch: string;
  readonly title: string;
  readonly description?: string;
  readonly startStage: PipelineStage;
}

/** The real service, as a demo uses it. */
export interface DemoService {
  /** Submits these, and gives them when all of them rest, unless somebody asks to end before. */
  readonly drive: (tasks: readonly DemoTask[]) => Promise<readonly SubmittedTask[] | Interrupted>;
  /** All events of tasks until now, when they are printed. */
  readonly events: () => Promise<readonly StoredEvent[]>;
  /** Has a person ask for the stage of each once more, and gives them when all of them rest again. */
  readonly retry: (tasks: readonly TaskId[], reason: string) => Promise<readonly SubmittedTask[] | Interrupted>;
  /** Has a person let what the gate has found of each pass on record, and gives them when all of them rest again. */
  readonly waive: (
    tasks: readonly TaskId[],
    gate: GateName,
    reason: string,
  ) => Promise<readonly SubmittedTask[] | Interrupted>;
  /** What CI says of the commit that a task is at. */
  readonly evidence: EvidenceOperations;
}

interface Settings {
  readonly root: string;
  readonly projects: Projects;
  /** Empty ones; two files if nobody says otherwise. */
  readonly stores: Stores | undefined;
  readonly isOnce: boolean;
}

/** Serves until `perform` has told its code, or, unless once is enough, until somebody asks to end. @returns the exit code. */
export async function serveDemo(
  { root, projects, stores, isOnce }: Settings,
  output: Output,
  perform: (service: DemoService) => Promise<number>,
): Promise<number> {
  const stateDir = stateDirOf(root);
  const logger = new PinoLogger({ level: 'silent' });
  const agentEnvironment = ['PATH', 'HOME'];
  const core = await Core.open({ stateDir, ...(stores ?? filesIn(stateDir)), projects, agentEnvironment, logger });
  try {
    return await serve(core, output, isOnce, perform);
  } finally {
    await core.close();
  }
}

/** Within the folder of a demo. */
export function stateDirOf(root: string): string {
  return join(root, 'state');
}

async function serve(
  core: Core,
  output: Output,
  isOnce: boolean,
  perform: (service: DemoService) => Promise<number>,
): Promise<number> {
  const resting = new Resting();
  const options = { slots: SLOTS, reconcileMs: RECONCILE_MS, headPollMs: 1_000, requirePolicyInForce: true };
  const { observe } = resting;
  const conductor = await core.conductor({ ...options, setsAside: true, conducts: () => true, observe });
  const readiness = new Readiness();
  await core.projector.start();
  const face = await serveHttp(core, readiness, '127.0.0.1', 0);
  const narrator = narrate(core.store, output);
  const operations = core.operations();
  const untilRest = async (ids: readonly TaskId[]) => {
    const ended = await untilInterrupted(resting.all(ids));
    if (ended instanceof Interrupted) stopInTime(core, output);
    return ended;
  };
  const drive: DemoService['drive'] = async (tasks) => {
    for (const task of tasks) await operations.submit(task, DEMO);
    return untilRest(tasks.map(({ project, id }) => `${project}.${id}`));
  };
  const retry: DemoService['retry'] = async (ids, reason) => {
    resting.forget(ids);
    for (const id of ids) await operations.operate('retry', id, reason, LOCAL);
    return untilRest(ids);
  };
  const waive: DemoService['waive'] = async (ids, gate, reason) => {
    resting.forget(ids);
    for (const id of ids) await operations.waive(id, { gate, reason }, LOCAL);
    return untilRest(ids);
  };
  try {
    await conductor.start();
    readiness.phase = 'ready';
    const code = await perform({ drive, retry, waive, events: narrator.catchUp, evidence: core.evidenceOperations() });
    await narrator.stop();
    if (!isOnce && !isInterrupted()) await linger(core, face.url, output);
    return code;
  } finally {
    // Whatever broke: what still runs or listens would keep the process alive for good.
    await narrator.stop();
    await conductor.stop();
    await face.close();
  }
}

async function linger(core: Core, url: string, output: Output): Promise<void> {
  output.note(`the service is still up: ${url}/queue   (Ctrl-C ends it)`);
  await untilInterrupted(new Promise<never>(() => undefined));
  stopInTime(core, output);
}

function filesIn(stateDir: string): Stores {
  return {
    eventStore: { kind: 'file', path: join(stateDir, 'events.db') },
    readModel: { kind: 'file', path: join(stateDir, 'read-models.db') },
  };
}
