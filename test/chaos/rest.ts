import { setTimeout as delay } from 'node:timers/promises';
import type { Replica } from './replica';
import type { Site } from './site';
import type { Tail } from './tail';

const LOOK_EVERY_MS = 500;
const ANSWER_WITHIN_MS = 5_000;
/** Sweeps come every 30 s, and some of what was missed is found by those alone. */
const REST_WITHIN_MS = 90_000;
const REST_PER_TASK_MS = 6_000;

interface Entry {
  readonly id: string;
  readonly status: string;
}

/**
 * Waits until every open task is held and every read model of every replica is at the head of the log, twice in a row.
 *
 * @returns what still stands in the way when the time is over; empty at rest.
 */
export async function untilAtRest(site: Site, replicas: readonly Replica[], tail: Tail): Promise<readonly string[]> {
  const end = performance.now() + REST_WITHIN_MS + REST_PER_TASK_MS * tail.openTasks().length;
  let before: string | null = null;
  for (;;) {
    const { head, missing } = await look(site, replicas);
    if (missing.length === 0 && head === before) return [];
    if (performance.now() > end) return missing;
    before = missing.length === 0 ? head : null;
    await delay(LOOK_EVERY_MS);
  }
}

async function look(
  site: Site,
  replicas: readonly Replica[],
): Promise<{ head: string | null; missing: readonly string[] }> {
  try {
    const [row] = await site.query<{ position: string }>('select position from stagegate.head');
    const head = row?.position ?? '0';
    const missing = await Promise.all(replicas.map((replica) => missingAt(replica, head)));
    return { head, missing: [...new Set(missing.flat())] };
  } catch (error) {
    return { head: null, missing: [String(error)] };
  }
}

async function missingAt({ url, name }: Replica, head: string): Promise<readonly string[]> {
  if (url === null) return [`${name} is not up`];
  try {
    const ready = (await get(`${url}/health/ready`)) as {
      read_models?: { lag: readonly { projection: string; position: string }[] };
    };
    if (!ready.read_models) return [`${name} is not ready: ${JSON.stringify(ready)}`];
    const late = ready.read_models.lag
      .filter(({ position }) => position.split('/')[0] !== head)
      .map(({ projection, position }) => `${name}: ${projection} is at ${position}, the log at ${head}`);
    const { stages } = (await get(`${url}/queue`)) as {
      stages: readonly { readonly stage: string; readonly tasks: readonly Entry[] }[];
    };
    const moving = stages.flatMap(({ stage, tasks }) =>
      tasks.filter(({ status }) => status !== 'held').map(({ id, status }) => `${id} is ${status} at ${stage}`),
    );
    return [...late, ...moving];
  } catch (error) {
    return [`${name} does not answer: ${String(error)}`];
  }
}

async function get(url: string): Promise<unknown> {
  return (await fetch(url, { signal: AbortSignal.timeout(ANSWER_WITHIN_MS) })).json();
}
