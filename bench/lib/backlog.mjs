import { BENCH } from './principal.mjs';
import { product } from './product.mjs';

/** Agents that the projects have: none, so that a service which is started on the backlog finds nothing to do. */
const ROLE = 'analyst';
const WORKER = 'bench/boot/ns/1/1';
const NO_LANE = { holder: null, nextInLine: null };
const ALL_ON = { stagingRunner: true, mergeRetestSkipWhenCurrent: true, mergeInfraRetry: true };

/**
 * Writes a backlog through the store's port: half of the tasks wait for their analyst (3 events), half for their architect
 * (8 events: submitted, claimed, analysed, advanced). Decided by the real decider, chained and wrapped like any event.
 *
 * @param {number} inFlight appends that share commits
 */
export async function writeBacklog({ store, hasher, ids, projects, tasks, inFlight = 64 }) {
  const all = projects.all();
  let next = 0;
  let events = 0;
  const lane = async () => {
    while (next < tasks) {
      const index = next;
      next += 1;
      const count = await writeTask({ store, hasher, ids, project: all[index % all.length], index });
      events += count;
    }
  };
  await Promise.all(Array.from({ length: inFlight }, lane));
  return events;
}

export function backlogTaskId(project, index) {
  return `${project}.T${index}`;
}

async function writeTask({ store, hasher, ids, project, index }) {
  const { instant } = product('domain/instant.js');
  const { toNewEvents, CHAIN_START } = product('application/envelope.js');
  const { TASK_EVENT_VERSIONS } = product('domain/task/task.events.js');
  const { taskStream } = product('domain/ids.js');
  const id = backlogTaskId(project.policy.project, index);
  const at = instant(Date.now());
  const facts = decideAll(id, index, project, { at, ids, hasher });
  const stream = taskStream(id);
  const fields = {
    occurredAt: at,
    actor: 'bench',
    worker: WORKER,
    correlationId: id,
    causationId: '',
    policyDigest: project.policyDigest,
  };
  const target = { stream, expected: 'no-stream', chain: CHAIN_START };
  const made = toNewEvents(hasher, target, facts, TASK_EVENT_VERSIONS, fields, (at) => ids.eventId(id, at));
  await store.append(stream, 'no-stream', made.events);
  return facts.length;
}

/** Every command on the state that the ones before lead to. */
function decideAll(id, index, project, { at, ids, hasher }) {
  const { decide } = product('domain/task/task.decider.js');
  const { evolve } = product('domain/task/evolve.js');
  const { initialTask } = product('domain/task/task.state.js');
  const { policy, policyDigest } = project;
  const surroundings = { lane: NO_LANE, switches: ALL_ON };
  const context = {
    at,
    policy,
    policyDigest,
    surroundings,
    random: 0.5,
    principal: BENCH,
  };
  const facts = [];
  let task = initialTask();
  for (const command of commandsFor(id, index, policy.project, { at, ids, hasher })) {
    const decision = decide(task, command, context);
    if (decision.kind !== 'accept') throw new Error(`${command.type}: ${JSON.stringify(decision)}`);
    task = decision.events.reduce((state, event) => evolve(state, event, { at, policyDigest }), task);
    facts.push(...decision.events);
  }
  return facts;
}

function commandsFor(taskId, index, project, { at, ids, hasher }) {
  const oid = hasher.sha256(taskId).slice(0, 40);
  const submission = {
    taskId,
    project,
    title: `Change ${index}`,
    branch: `task/${index}`,
    headOid: oid,
    startStage: 'created',
    priority: 5,
  };
  const submit = { type: 'SubmitTask', data: submission };
  if (index % 2 === 0) return [submit];
  const runId = ids.uuid();
  const job = { kind: 'agent', role: ROLE };
  const claim = { claimId: `${WORKER}/${runId}`, job, worker: WORKER, runId, cookie: runId, deadlineAt: at };
  const run = {
    runId,
    exitCode: 0,
    startedAt: at,
    finishedAt: at,
    durationMs: 1_000,
    isolation: 'L1-cookie',
    logDigest: hasher.sha256(''),
    leaked: 0,
    usage: {},
  };
  const artifact = { name: '01-analysis.md', digest: hasher.sha256(runId) };
  const verdict = { status: 'READY', artifact, treeOid: oid };
  const done = { claim: '3', role: ROLE, run, cost: null, headOid: null, verdict };
  return [submit, { type: 'ClaimTransition', data: claim }, { type: 'ReportAgentDone', data: done }];
}
