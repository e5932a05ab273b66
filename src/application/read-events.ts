import { ACCESS_EVENT_VERSIONS, type AccessEvent } from '../domain/access/access.events';
import { ACCESS_EVENT_SHAPES } from '../domain/access/access.shapes';
import type { Unreadable } from '../domain/damage';
import { instant, type Instant } from '../domain/instant';
import {
  ACCESS_STREAM,
  HOOK_STREAM_PREFIX,
  hookStream,
  LANE_STREAM_PREFIX,
  parseTaskId,
  POLICY_STREAM_PREFIX,
  policyStream,
  SUBSCRIBER_STREAM_PREFIX,
  SWITCH_STREAM_PREFIX,
  TASK_STREAM_PREFIX,
  taskIn,
} from '../domain/ids';
import { HOOK_EVENT_VERSIONS, type HookEvent } from '../domain/hooks/hook.events';
import { HOOK_EVENT_SHAPES } from '../domain/hooks/hook.shapes';
import { LANE_EVENT_VERSIONS, type LaneEvent } from '../domain/lane/lane.events';
import { LANE_EVENT_SHAPES } from '../domain/lane/lane.shapes';
import { POLICY_EVENT_VERSIONS, type PolicyEvent } from '../domain/policy/policy.events';
import { POLICY_EVENT_SHAPES } from '../domain/policy/policy.shapes';
import { SWITCH_EVENT_VERSIONS, type SwitchEvent } from '../domain/policy/switches.events';
import { SWITCH_EVENT_SHAPES } from '../domain/policy/switches.shapes';
import { isObject, memberFault, moment, nullable, text, whole, type Members } from '../domain/shape';
import { SUBSCRIBER_EVENT_VERSIONS, type SubscriberEvent } from '../domain/subscriber/subscriber.events';
import { SUBSCRIBER_EVENT_SHAPES } from '../domain/subscriber/subscriber.shapes';
import { TASK_EVENT_VERSIONS, type TaskEvent } from '../domain/task/task.events';
import { TASK_EVENT_SHAPES } from '../domain/task/task.shapes';
import { upcastTaskEvent } from '../domain/task/task.upcasters';
import { chainOf, type Meta } from './envelope';
import { InvalidEvent, type StoredEvent } from './ports/event-store';
import type { Hasher } from './ports/ids';

/**
 * The one place where what a log holds becomes what the program works with. A hand, another program or a later version may
 * have written it: whatever does not have the shape of its event comes out as `Unreadable`, and nothing here throws.
 */
export function readTaskEvent(stored: StoredEvent): TaskEvent | Unreadable {
  const read = readAs(stored, TASKS) as TaskEvent | Unreadable;
  if (read.type === 'Unreadable') return read;
  const isFirst = stored.revision === 0n;
  if (isFirst !== (read.type === 'TaskSubmitted'))
    return unreadable(stored, `expected ${isFirst ? 'TaskSubmitted at' : 'another type behind'} the beginning`);
  if (read.type !== 'TaskSubmitted') return read;
  const id = taskIn(stored.stream);
  const isOwn = read.data.taskId === id && read.data.project === parseTaskId(id)?.project;
  return isOwn ? read : unreadable(stored, 'expected the task of its stream, saw another one');
}

export function readLaneEvent(stored: StoredEvent): LaneEvent | Unreadable {
  return readAs(stored, LANES) as LaneEvent | Unreadable;
}

export function readPolicyEvent(stored: StoredEvent): PolicyEvent | Unreadable {
  const read = readAs(stored, POLICIES) as PolicyEvent | Unreadable;
  if (read.type === 'Unreadable' || stored.stream === policyStream(read.data.policy.project)) return read;
  return unreadable(stored, 'expected the policy of its stream, saw another one');
}

export function readSwitchEvent(stored: StoredEvent): SwitchEvent | Unreadable {
  return readAs(stored, SWITCHES) as SwitchEvent | Unreadable;
}

export function readSubscriberEvent(stored: StoredEvent): SubscriberEvent | Unreadable {
  return readAs(stored, SUBSCRIBERS) as SubscriberEvent | Unreadable;
}

export function readAccessEvent(stored: StoredEvent): AccessEvent | Unreadable {
  return readAs(stored, ACCESS) as AccessEvent | Unreadable;
}

export function readHookEvent(stored: StoredEvent): HookEvent | Unreadable {
  const read = readAs(stored, HOOKS) as HookEvent | Unreadable;
  if (read.type === 'Unreadable') return read;
  const { project, source, delivery } = read.data;
  if (stored.stream === hookStream(project, source, delivery)) return read;
  return unreadable(stored, 'expected the delivery of its stream, saw another one');
}

/** An event of any stream. Artifacts are checked by their digests, and of other streams only the chain is ours to judge. */
export function readLogEvent(stored: StoredEvent): { readonly type: string; readonly data: object } {
  const kind = kindOf(stored.stream);
  if (kind) return kind.read(stored);
  return stored.fault === undefined ? stored : unreadable(stored, stored.fault);
}

/** Whether a later version of this program is the reason why the event cannot be read, as far as it says so itself. */
export function isOfLaterVersion({ stream, type, meta, fault }: StoredEvent): boolean {
  const category = kindOf(stream)?.category;
  if (!category || fault !== undefined) return false;
  return !category.faults.has(type) || Number(membersOf(meta).v) > (category.versions[type] ?? 1);
}

interface Kind {
  readonly category: Category;
  readonly read: (stored: StoredEvent) => { readonly type: string; readonly data: object };
}

/** @returns null for streams whose events are no part of what the program works with. */
function kindOf(stream: string): Kind | null {
  if (stream === ACCESS_STREAM) return { category: ACCESS, read: readAccessEvent };
  return KINDS.find(([prefix]) => stream.startsWith(prefix))?.[1] ?? null;
}

export function revisionAfter({ revision }: { readonly revision: bigint | 'no-stream' }): bigint {
  return revision === 'no-stream' ? 0n : revision + 1n;
}

/** The event, unless its stream does not lead to it: revisions without a gap, each with the hash over the one before. */
export function inChain<Event>(
  event: Event,
  stored: StoredEvent,
  before: { readonly revision: bigint | 'no-stream'; readonly chain: string },
  hasher: Hasher | null,
): Event | Unreadable {
  const expected = revisionAfter(before);
  if (stored.revision !== expected)
    return unreadable(stored, `expected revision ${expected} of its stream, saw ${stored.revision}`);
  if (hasher === null || isUnreadable(event) || chainOf(hasher, before.chain, stored) === stored.meta['chain'])
    return event;
  return unreadable(stored, 'expected the hash of itself and of the event before it, saw another one');
}

/** @throws InvalidEvent for what its own readers would not take: a fault of the program must not cost the whole stream. */
export function demandReadable(events: readonly TaskEvent[]): void {
  for (const { type, data } of events) {
    const odd = TASKS.faults.get(type)?.(data) ?? null;
    if (odd !== null)
      throw new InvalidEvent('STORE_INVALID_EVENT', `expected data as ${type} has it, saw another ${plain(odd)}`);
  }
}

/** When it happened and under which policy, as far as that can be made out. */
export function whenOf({ meta, recordedAt }: StoredEvent): { at: Instant; policyDigest: string | null } {
  const { at, policy } = membersOf(meta);
  return { at: moment(at) ? at : instant(recordedAt.getTime()), policyDigest: text(policy) ? policy : null };
}

/** The hash that it claims; of one without any, nothing may follow. */
export function chainIn({ meta }: Pick<StoredEvent, 'meta'>): string {
  const { chain } = membersOf(meta);
  return typeof chain === 'string' ? chain : '';
}

export function unreadable({ stream, revision, type }: StoredEvent, reason: string): Unreadable {
  return { type: 'Unreadable', data: { stream: plain(stream), revision: String(revision), type: plain(type), reason } };
}

interface Category {
  readonly versions: Readonly<Record<string, number>>;
  readonly faults: ReadonlyMap<string, (data: object) => string | null>;
}

const META = memberFault<Meta>({
  v: whole,
  at: moment,
  actor: text,
  worker: text,
  correlation: text,
  causation: text,
  policy: nullable(text),
  chain: text,
});
const TASKS = category(TASK_EVENT_VERSIONS, TASK_EVENT_SHAPES);
const LANES = category(LANE_EVENT_VERSIONS, LANE_EVENT_SHAPES);
const POLICIES = category(POLICY_EVENT_VERSIONS, POLICY_EVENT_SHAPES);
const ACCESS = category(ACCESS_EVENT_VERSIONS, ACCESS_EVENT_SHAPES);
const SWITCHES = category(SWITCH_EVENT_VERSIONS, SWITCH_EVENT_SHAPES);
const HOOKS = category(HOOK_EVENT_VERSIONS, HOOK_EVENT_SHAPES);
const SUBSCRIBERS = category(SUBSCRIBER_EVENT_VERSIONS, SUBSCRIBER_EVENT_SHAPES);

const KINDS: readonly (readonly [string, Kind])[] = [
  [TASK_STREAM_PREFIX, { category: TASKS, read: readTaskEvent }],
  [LANE_STREAM_PREFIX, { category: LANES, read: readLaneEvent }],
  [POLICY_STREAM_PREFIX, { category: POLICIES, read: readPolicyEvent }],
  [SWITCH_STREAM_PREFIX, { category: SWITCHES, read: readSwitchEvent }],
  [SUBSCRIBER_STREAM_PREFIX, { category: SUBSCRIBERS, read: readSubscriberEvent }],
  [HOOK_STREAM_PREFIX, { category: HOOKS, read: readHookEvent }],
];

/** @param shapes the members of each type's data. */
function category(versions: Readonly<Record<string, number>>, shapes: object): Category {
  const members = Object.entries(shapes) as [string, Members<object>][];
  return { versions, faults: new Map(members.map(([type, each]) => [type, memberFault(each)])) };
}

function readAs(stored: StoredEvent, of: Category): { readonly type: string; readonly data: unknown } {
  const { type, data, meta, fault } = stored;
  if (fault !== undefined) return unreadable(stored, fault);
  const faultIn = of.faults.get(type);
  if (!faultIn)
    return unreadable(stored, 'expected a type that this version knows; a later version may have written it');
  if (!isObject(meta)) return unreadable(stored, 'expected metadata of this program, saw something else');
  const odd = META(meta);
  if (odd !== null) return unreadable(stored, `expected metadata of this program, saw another ${plain(odd)}`);
  const v = Number(meta['v']);
  const newest = of.versions[type] ?? 1;
  if (v < 1 || v > newest)
    return unreadable(stored, `expected version ${newest} or older, saw ${v}: a later version wrote it, use that one`);
  const lifted = lift(type, data, v);
  const member = isObject(lifted) ? faultIn(lifted) : '';
  if (member === null) return { type, data: lifted };
  const what = member === '' ? 'no object' : `another ${plain(member)}`;
  return unreadable(stored, `expected data as ${type} has it, saw ${what}`);
}

/** Of types that have only ever had one version, nothing has to be made anew. */
function lift(type: string, data: unknown, v: number): unknown {
  try {
    return upcastTaskEvent({ type, data } as unknown as TaskEvent, v).data;
  } catch {
    // An upcaster knows what its version was, and no more: what it fails on is not that.
    return null;
  }
}

function membersOf(meta: unknown): Readonly<Partial<Record<keyof Meta, unknown>>> {
  return isObject(meta) ? meta : {};
}

export function isUnreadable(event: unknown): event is Unreadable {
  return (event as { type?: unknown }).type === 'Unreadable';
}

const MOST_SHOWN = 80;

/** A name as a message may show it. */
function plain(name: unknown): string {
  const shown = String(name).slice(0, MOST_SHOWN);
  return text(shown) ? shown : JSON.stringify(shown).replaceAll('\\u0000', '').slice(1, -1);
}
