import { execFileSync } from 'node:child_process';
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { CHECK, SECRET } from './deliveries.mjs';
import { openStore } from './open-store.mjs';
import { smallRepository, WHO } from './small-repository.mjs';
import { up } from './up.mjs';

const TASKS = 10;
const REST_WITHIN_MS = 300_000;

/**
 * The service as users start it, with a project that takes webhooks of GitHub and open tasks that wait for CI.
 *
 * @param {{dir: string, database?: string}} place an empty folder; URL of an empty database for a log on PostgreSQL
 */
export async function startHooked({ dir, database }) {
  const repo = smallRepository(dir);
  const heads = Array.from({ length: TASKS }, (_, index) => branchOf(repo, index));
  const state = join(dir, 'state');
  const file = join(dir, 'stagegate.json');
  mkdirSync(join(dir, 'secrets'));
  writeFileSync(join(dir, 'secrets', 'github'), SECRET);
  const web = {
    repo,
    entryStages: ['development'],
    staging: { suite: 'true', minIsolation: 'none' },
    ci: { requiredChecks: [CHECK] },
    hooks: { github: { secrets: [{ file: 'secrets/github' }] } },
  };
  writeFileSync(file, JSON.stringify({ version: 1, projects: { web } }));
  const { PATH = '', HOME = '/' } = process.env;
  const env = { PATH, HOME, NO_COLOR: '1', STAGEGATE_PORT: '0', STAGEGATE_STATE_DIR: state, STAGEGATE_PROJECTS: file };
  if (database) {
    await (await openStore({ dir, database })).close();
    Object.assign(env, { STAGEGATE_EVENT_STORE_URL: database, STAGEGATE_READ_MODEL_URL: database });
  }
  const service = up(env, dir);
  const { url } = await service.ready;
  await submitTasks(url, state);
  const untilRest = () => untilAtRest(url);
  /** Everything of some kinds of streams, once the service has ended. */
  const eventsOf = async (prefixes) => {
    const store = await openStore({ dir: state, database });
    const { events } = await store.readAll({ prefixes, limit: 1_000_000 });
    await store.close();
    return events;
  };
  return { url, pid: service.pid, heads, untilRest, eventsOf, stop: service.stop };
}

/** @returns its commit. */
function branchOf(repo, index) {
  const git = (...args) =>
    execFileSync('git', args, { cwd: repo, env: { ...process.env, ...WHO }, encoding: 'utf8' }).trim();
  const oid = git('commit-tree', 'change^{tree}', '-p', 'change', '-m', `task ${index}`);
  git('update-ref', `refs/heads/task-${index}`, oid);
  return oid;
}

async function submitTasks(url, state) {
  const [name] = readdirSync(join(state, 'operator'));
  const { token } = JSON.parse(readFileSync(join(state, 'operator', name), 'utf8'));
  const headers = { 'content-type': 'application/json', authorization: `Bearer ${token}` };
  for (let index = 0; index < TASKS; index += 1) {
    const body = JSON.stringify({
      project: 'web',
      branch: `task-${index}`,
      id: `T${index}`,
      startStage: 'development',
    });
    const { status } = await fetch(`${url}/v1/tasks`, { method: 'POST', headers, body });
    if (status !== 201) throw new Error(`expected a task, saw ${status}`);
  }
}

/** Until subscribers have done what the log tells them to. */
async function untilAtRest(url) {
  const startedAt = performance.now();
  while (performance.now() - startedAt < REST_WITHIN_MS) {
    const { subscribers } = await (await fetch(`${url}/queue`)).json();
    if (subscribers.every(({ behind }) => behind === 0)) return performance.now() - startedAt;
    await delay(50);
  }
  throw new Error(`expected rest within ${REST_WITHIN_MS} ms, saw subscribers behind`);
}
