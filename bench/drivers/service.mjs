import { setTimeout as delay } from 'node:timers/promises';
import { invariants, product } from '../lib/product.mjs';
import { InstantGit, InstantRepositories } from '../lib/instant-repository.mjs';
import { InstantRunner } from '../lib/instant-runner.mjs';
import { BENCH } from '../lib/principal.mjs';
import { atRest, projectsOf, startService } from '../lib/service.mjs';
import { rounded } from '../lib/stats.mjs';
import { Visibility } from '../lib/visibility.mjs';

const AGENTS = ['analyst', 'architect', 'developer', 'reviewer', 'tester'];

/** Events that say how a job ended: one each, eight of them from submission to `done`. */
const JOB_ENDS = ['AgentJobFinished', 'StagingSuiteExecuted', 'RetestSkipped', 'RetestFinished', 'TaskLanded'];
const AT_REST_MS = 50;
const MOST_TRIES = 20;
const EVERYTHING = { prefixes: ['task-', 'lane-', 'policy-'], limit: 1_000_000 };

/**
 * The whole service: one task is submitted and goes from `created` to `done` through its eight jobs (five agents, staging
 * suite, merge gate, landing), each claimed, done, and handed over with its gates and the next claim.
 */
export function create(options) {
  let service;
  let ctx;
  let lanes = [];
  const repositories = new InstantRepositories();
  const waiting = new Map();
  const visibility = options.visibility ? new Visibility() : null;
  const jobs = new Map();

  const keyOf = (taskId) => taskId.slice(taskId.indexOf('.') + 1);
  let looks = 0;
  const observe = (task, step) => {
    looks += 1;
    if (step.kind === 'finished') waiting.get(keyOf(task.id))?.();
    if (step.kind === 'await') waiting.get(keyOf(task.id))?.(new Error(`${task.id} waits: ${step.why.text}`));
  };
  const onAppended = (task, events) => {
    visibility?.acknowledged(task);
    if (events.some(({ type }) => JOB_ENDS.includes(type))) ctx.done(keyOf(task.id));
  };
  const around = ({ task }, run) => {
    const k = (jobs.get(task.id) ?? 0) + 1;
    jobs.set(task.id, k);
    ctx.stepStart(keyOf(task.id), k);
    return run();
  };

  return {
    name: options.label ?? 'stagegate service',
    notes: [
      'conductor, deciders, gates, claims, hash chain, envelope, artifact files, read models; no process, no git',
    ],
    needs: options.database ? ['postgres'] : [],
    version: () => product('../package.json').version,
    available: async () => ({ ok: true }),
    async start(given) {
      ctx = given;
      lanes = Array.from({ length: given.C }, (_, index) => `lane-${index}`);
      service = await startService({
        ...options,
        slots: 2 * given.C,
        ports: {
          git: new InstantGit(repositories, options.files === false ? null : options.dir),
          runner: new InstantRunner(repositories),
        },
        projects: projectsOf(lanes.map((project) => projectSettings(project, options.dir))),
        hooks: { observe, onAppended, around },
      });
      visibility?.start(service);
    },
    async task(id) {
      const project = lanes.pop();
      const branch = repositories.push(project, `task/${id}`);
      const ended = new Promise((resolve, reject) => {
        waiting.set(id, (error) => (error ? reject(error) : resolve()));
      });
      await service.operations.submit({ project, id, branch }, BENCH);
      await ended;
      waiting.delete(id);
      lanes.push(project);
    },
    async verify() {
      const calls = { ...service.calls, looks };
      const visible = visibility && { visible_ms: await visibility.stop() };
      const events = await logAtRest(service);
      const transitions = [...ctx.acknowledged.values()].reduce((sum, count) => sum + count, 0);
      const each = Object.entries({ ...calls, events: events.length }).map(([name, count]) => [
        name,
        rounded(count / transitions),
      ]);
      return {
        ...visible,
        per_transition: Object.fromEntries(each),
        ...checkTasks(events, ctx.acknowledged, repositories),
        ...(await faults(events, service)),
      };
    },
    stop: () => service.stop(),
  };
}

/** One project per task in flight, so that no task waits for another one's landing. */
function projectSettings(project, repo) {
  const agents = Object.fromEntries(AGENTS.map((role) => [role, { command: ['agent', role] }]));
  return { project, repo, staging: { suite: 'true' }, onSilentRevert: 'off', agents };
}

/** The whole log, once nothing follows any more (a lane is let go after its task is done) and the read model has it all. */
async function logAtRest({ subscribers, projector, store }) {
  for (let tries = 0; ; tries += 1) {
    await atRest({ subscribers });
    await delay(AT_REST_MS);
    const position = await projector.catchUp();
    const { events } = await store.readAll(EVERYTHING);
    // Checkpoints of subscribers may stand behind what is projected.
    if (position.commit >= events.at(-1)?.position.commit) return events;
    if (tries === MOST_TRIES) throw new Error('the log does not come to rest');
  }
}

function checkTasks(events, acknowledged, { landed }) {
  const ends = new Map();
  for (const { stream, type } of events.filter((event) => JOB_ENDS.includes(event.type))) {
    const key = `${stream.slice(stream.indexOf('.') + 1)} ${type}`;
    ends.set(key, (ends.get(key) ?? 0) + 1);
  }
  const counts = new Map();
  for (const [key, count] of ends) {
    const id = key.split(' ')[0];
    counts.set(id, (counts.get(id) ?? 0) + count);
  }
  const doubled = [...counts.values()].reduce((sum, count) => sum + Math.max(0, count - 8), 0);
  const lost = [...acknowledged].reduce((sum, [id, count]) => sum + Math.max(0, count - (counts.get(id) ?? 0)), 0);
  const short = [...acknowledged].reduce((sum, [id]) => sum + Math.max(0, 8 - (counts.get(id) ?? 0)), 0);
  return { streams: counts.size, lost: lost + short, doubled: doubled + landed.length - new Set(landed).size, gaps: 0 };
}

/** The log by the invariants of the simulation, and the read model by what the log says. */
async function faults(events, service) {
  const violations = invariants().check(events, { isAtRest: true });
  const { getQueue } = product('projections/queue/get-queue.query.js');
  const { finished, stages } = await getQueue(service);
  const open = stages.reduce((sum, { tasks }) => sum + tasks.length, 0);
  const submitted = events.filter(({ type }) => type === 'TaskSubmitted').length;
  const seen = [
    ...(violations.length > 0
      ? [`${violations.length} invariants broken, first ${JSON.stringify(violations[0], bigints)}`]
      : []),
    ...(finished.done === submitted && open === 0
      ? []
      : [`read model: ${finished.done} of ${submitted} done, ${open} open`]),
  ];
  return { detail: seen.join('; ') || null, tasks_done: finished.done };
}

function bigints(_, value) {
  return typeof value === 'bigint' ? String(value) : value;
}
