import type { Core } from '../compose/core';
import type { Principal } from '../domain/authority/principal';
import type { TaskId } from '../domain/ids';
import { RequestRefused } from '../application/refusals';
import { RunLogs } from '../infrastructure/http/run-logs';
import { getDeterminization } from '../projections/determinization/get-determinization.query';
import { getPastQueue, getQueue } from '../projections/queue/get-queue.query';
import { getTask, getWhy } from '../projections/queue/get-task.query';
import { getWork } from '../projections/queue/get-work.query';
import { listAlerts } from '../projections/queue/list-alerts.query';
import { listDeliveries } from '../projections/queue/list-deliveries.query';
import { listFlakes } from '../projections/queue/list-flakes.query';
import { getRun, listRuns } from '../projections/runs/list-runs.query';
import { listArtifacts, openArtifact } from '../projections/task/list-artifacts.query';
import { getTaskEvents } from '../projections/task/get-task-events.query';
import type { EventsAsked } from '../application/event-feed/event-requests';
import { sleep } from '../application/sleep';
import type { Client } from './client';
import { polled } from './events/events-source';
import { Refused } from './user-error';

/**
 * Reads and writes the store itself, after it has projected what is new.
 *
 * @param principal who asks for what is asked of it.
 * @param isConducted whether a process is there that moves the task, where that can be known.
 */
export async function directClient(
  core: Core,
  principal: Principal,
  isConducted?: (task: TaskId) => boolean,
): Promise<Client> {
  await core.projector.catchUp();
  await core.readSwitches();
  const { models, past, store, clock, settings, tokens } = core;
  const deps = {
    models,
    past,
    store,
    clock,
    damage: core.damage,
    artifacts: core.artifacts,
    subscribers: core.subscribers,
    projects: settings.projects,
    ...(isConducted && { isConducted }),
  };
  const logs = new RunLogs(settings.stateDir);
  const operations = core.operations();
  const switches = core.switchOperations();
  const alerts = core.alertOperations();
  const lanes = core.laneOperations();
  const evidence = core.evidenceOperations();
  const requests = core.eventRequests();
  const readPage = (asked: EventsAsked) => asUserError(requests.page(asked, '*'));
  const { taking, work } = core.outside();
  return {
    queue: ({ at, ...ask }) => asUserError(at === null ? getQueue(deps, ask) : getPastQueue(deps, at, ask)),
    task: (id) => getTask(deps, id),
    why: (id) => getWhy(deps, id),
    events: (id, cursor) => getTaskEvents(deps, id, { cursor }),
    logEvents: {
      page: readPage,
      follow: (asked, signal) => polled({ page: readPage }, asked, signal, (ms, until) => sleep(clock, ms, until)),
    },
    runs: (taskId) => listRuns(models, taskId === null ? {} : { taskId }),
    flakes: (ask) => asUserError(listFlakes(deps, ask)),
    run: (runId) => getRun(models, runId),
    determinization: (project) => asUserError(getDeterminization(deps, project)),
    log: async (runId) => (await logs.open(runId))?.read() ?? null,
    artifacts: (id, cursor) => asUserError(listArtifacts(deps, id, { cursor })),
    artifact: async (id, named) => (await asUserError(openArtifact(deps, id, named)))?.bytes.read() ?? null,
    submit: (task) => asUserError(operations.submit(task, principal)),
    operate: (operation, id, reason) => asUserError(operations.operate(operation, id, reason, principal)),
    changePriority: (id, priority) => asUserError(operations.changePriority(id, priority, principal)),
    createToken: (request) => asUserError(tokens.create(request, principal)),
    revokeToken: (named, reason) => asUserError(tokens.revoke(named, reason, principal)),
    tokens: async () => ({ items: await asUserError(tokens.list(principal)), nextCursor: null }),
    switches: (project) => asUserError(switches.list(project, '*')),
    setSwitch: (request) => asUserError(switches.set(request, principal)),
    alerts: (ask) => asUserError(listAlerts(deps, ask)),
    answerAlert: (kind, request) => asUserError(alerts.answer(kind, request, principal)),
    deliveries: (page) => asUserError(listDeliveries(deps, page)),
    redeliver: (request) => asUserError(core.redelivery().redeliver(request, principal)),
    resumeLane: (request) => asUserError(lanes.resume(request, principal)),
    evidence: (id, request) => asUserError(evidence.record(id, request, principal)),
    override: (id, request) => asUserError(operations.override(id, request, principal)),
    waive: (id, request) => asUserError(operations.waive(id, request, principal)),
    work: async (ask) => {
      await core.projector.catchUp();
      return getWork(deps, ask);
    },
    takeWork: (request) => asUserError(taking.take(request, principal)),
    heartbeat: (id, cited) => asUserError(work.heartbeat(id, cited, principal)),
    completeWork: (id, request) => asUserError(work.complete(id, request, principal)),
    giveUpWork: (how, id, request) => asUserError(work[how](id, request, principal)),
    close: () => core.close(),
  };
}

async function asUserError<T>(work: Promise<T>): Promise<T> {
  try {
    return await work;
  } catch (error) {
    throw error instanceof RequestRefused ? new Refused(error.message, error.code) : error;
  }
}
