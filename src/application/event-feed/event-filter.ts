import { isWithin, type ProjectScope } from '../../domain/authority/principal';
import {
  isProjectKey,
  LANE_STREAM_PREFIX,
  laneStream,
  parseTaskId,
  policyStream,
  SWITCH_STREAM_PREFIX,
  switchStream,
  TASK_STREAM_PREFIX,
  taskStream,
} from '../../domain/ids';
import { LANE_EVENT_VERSIONS } from '../../domain/lane/lane.events';
import { SWITCH_EVENT_VERSIONS } from '../../domain/policy/switches.events';
import { TASK_EVENT_VERSIONS } from '../../domain/task/task.events';
import type { EventStore } from '../ports/event-store';
import type { Projects } from '../projects';
import { RequestRefused, unfit } from '../refusals';
import { quoted } from '../secrets';
import { PUBLISHED_PREFIXES, type PublishedEvent } from './published-event';

/** Which events somebody follows; null for all. What is listed is an alternative, and all three have to hold. */
export interface EventFilter {
  readonly projects: readonly string[] | null;
  readonly tasks: readonly string[] | null;
  readonly types: readonly string[] | null;
}

export const EVERY_EVENT: EventFilter = { projects: null, tasks: null, types: null };

/** Lists as a URL has them: with commas between. */
export interface FilterAsked {
  readonly project?: string | undefined;
  readonly task?: string | undefined;
  readonly type?: string | undefined;
}

/** What an event may be called in the log; one that cannot be relied on is told as `Unreadable`. */
export const PUBLISHED_TYPES: readonly string[] = [
  ...Object.keys(TASK_EVENT_VERSIONS),
  ...Object.keys(LANE_EVENT_VERSIONS),
  ...Object.keys(SWITCH_EVENT_VERSIONS),
  'Unreadable',
];

/** Of each list: whoever wants more wants everything, and leaves out what it is not about. */
const MOST_LISTED = 50;

export interface FilterDeps {
  readonly store: EventStore;
  readonly projects: Pick<Projects, 'get' | 'all'>;
}

/**
 * What somebody asks to follow. Whatever could never match is refused: it would be waited for in vain.
 *
 * @param scope the projects that whoever asks may see: the others are not there, as far as it is told.
 * @throws RequestRefused
 */
export async function parseFilter(deps: FilterDeps, asked: FilterAsked, scope: ProjectScope): Promise<EventFilter> {
  const filter = {
    projects: listOf('project', asked.project),
    tasks: listOf('task', asked.task),
    types: listOf('type', asked.type),
  };
  const odd = filter.types?.find((type) => !PUBLISHED_TYPES.includes(type));
  if (odd !== undefined) throw unfit('invalid-type', 'type', 'names of events as docs/events.md has them', odd);
  for (const project of filter.projects ?? []) await demandProject(deps, project, scope);
  for (const task of filter.tasks ?? []) await demandTask(deps, task, scope);
  return scope === '*' ? filter : { ...filter, projects: filter.projects ?? scope };
}

/** Leaves the streams to the store that may hold what is wanted; it may tell others too. */
export function prefixesOf({ projects, tasks }: EventFilter): readonly string[] {
  if (tasks) return tasks.map(taskStream);
  if (!projects) return PUBLISHED_PREFIXES;
  return projects.flatMap((project) => [
    `${TASK_STREAM_PREFIX}${project}.`,
    `${LANE_STREAM_PREFIX}${project}`,
    `${SWITCH_STREAM_PREFIX}${project}`,
  ]);
}

export function isWanted(
  { projects, tasks, types }: EventFilter,
  event: Pick<PublishedEvent, 'project' | 'task' | 'type'>,
): boolean {
  if (projects && !projects.includes(event.project)) return false;
  if (tasks && (event.task === null || !tasks.includes(event.task))) return false;
  return !types || types.includes(event.type);
}

function listOf(name: string, value: string | undefined): readonly string[] | null {
  if (value === undefined) return null;
  const listed = [...new Set(value.split(','))];
  if (listed.length <= MOST_LISTED) return listed;
  throw unfit('too-many-listed', name, `at most ${MOST_LISTED}, with commas between`, `${listed.length}`);
}

async function demandProject({ store, projects }: FilterDeps, key: string, scope: ProjectScope): Promise<void> {
  if (isProjectKey(key) && isWithin(scope, key)) {
    if (projects.get(key)) return;
    for (const stream of [policyStream(key), laneStream(key), switchStream(key)])
      if ((await store.readStream(stream, { limit: 1 })).length > 0) return;
  }
  const known = projects.all().flatMap(({ policy }) => (isWithin(scope, policy.project) ? [policy.project] : []));
  const text = `project: expected one of ${known.join(', ') || 'none configured'}, saw ${quoted(key)}`;
  throw new RequestRefused('unknown', 'unknown-project', text);
}

async function demandTask({ store }: FilterDeps, id: string, scope: ProjectScope): Promise<void> {
  const known = parseTaskId(id);
  const isThere =
    known && isWithin(scope, known.project) && (await store.readStream(taskStream(id), { limit: 1 })).length > 0;
  if (!isThere) throw new RequestRefused('unknown', 'unknown-task', `${id}: no such task`);
}
