import { taskStream, type TaskId } from '../domain/ids';
import { storableText } from '../domain/storable';
import { evolve } from '../domain/task/evolve';
import { storableCommand } from '../domain/task/storable-command';
import type { Decision } from '../domain/task/decide/decision';
import type { DecisionContext, TaskCommand } from '../domain/task/task.commands';
import { decide } from '../domain/task/task.decider';
import type { TaskEvent } from '../domain/task/task.events';
import type { TaskRejection } from '../domain/task/task.rejections';
import type { SubmittedTask, Task } from '../domain/task/task.state';
import { failpoint } from './failpoint';
import type { Revision } from '../domain/fact';
import type { Clock } from './ports/clock';
import { EventIdReused } from './ports/event-store';
import type { Telemetry } from './ports/telemetry';
import type { Hasher, Ids } from './ports/ids';
import { demandReadable } from './read-events';
import type { KeyedRequest } from './requests';
import type { Subscribers } from './subscribers/subscribers';
import type { LoadedTask, TaskRepository } from './task-repository';

export type ContextOf = (task: Task) => Promise<DecisionContext> | DecisionContext;

export interface ExecuteOptions {
  /**
   * Identity of the command. A fixed text for something one caller does once; a function of the task for a decision that
   * any replica may take, so that replicas make the same event ids and collide harmlessly.
   */
  readonly commandId: string | ((task: Task) => string);
  readonly correlationId?: string;
  /** The task as who asks has seen it; of another one nothing is decided. */
  readonly expected?: Revision | undefined;
  /** In the place of the command id, where the same may be sent again. */
  readonly keyed?: KeyedRequest | undefined;
  /** How often a lost race is decided again. An owner goes on while its claim is open: it is refused when it is not. */
  readonly attempts?: number;
  /** Most likely the first command of its task: that there is none yet is proved by the append. */
  readonly isFirst?: boolean;
  /** Asked after the command was decided: one more command to decide and store in the same append. */
  readonly then?: (task: SubmittedTask, context: DecisionContext) => TaskCommand | null;
}

export type Executed =
  | { readonly kind: 'accepted'; readonly task: SubmittedTask; readonly events: readonly TaskEvent[] }
  | {
      readonly kind: 'rejected';
      readonly reason: TaskRejection | 'contended' | 'task-moved' | 'reused-key';
      readonly detail: string;
      readonly task: Task;
    }
  | { readonly kind: 'nothing'; readonly task: Task };

const DEFAULT_ATTEMPTS = 3;
/** An owner may lose many races in a row to annotations and watchers; this many means something is wrong. */
export const OWNER_ATTEMPTS = 50;

/**
 * The one handler behind every command: fold, decide, append at the revision that was read. Safe to call twice with the
 * same command id; a lost race is decided again, a lost answer is resolved before it returns.
 *
 * What a command says comes from outside for the most part: it is made storable here, before anything is decided on it.
 */
export class TaskExecutor {
  constructor(
    private readonly deps: {
      tasks: TaskRepository;
      clock: Clock;
      ids: Ids;
      hasher: Hasher;
      worker: string;
      subscribers?: Pick<Subscribers, 'beforeAppend' | 'onAppended'>;
      telemetry?: Telemetry;
      onAppended?: (task: SubmittedTask, events: readonly TaskEvent[]) => void;
    },
  ) {}

  /** @throws EventRefused what no store will ever take; other errors of the store when it did not answer in time. */
  async execute(id: TaskId, given: TaskCommand, contextOf: ContextOf, options: ExecuteOptions): Promise<Executed> {
    const { tasks } = this.deps;
    const command = storableCommand(given);
    const attempts = options.attempts ?? DEFAULT_ATTEMPTS;
    let loaded = options.isFirst ? tasks.presume(id) : await tasks.recall(id);
    let fresh = false;
    for (let attempt = 0; attempt < attempts;) {
      const before = await this.repeated(id, options.keyed);
      if (before) return before;
      if (isAnother(loaded, options.expected)) {
        if (fresh) return moved(loaded.state, options.expected);
        loaded = await tasks.load(id);
        fresh = true;
        continue;
      }
      const around = await contextOf(loaded.state);
      const principal = { ...around.principal, name: storableText(around.principal.name) };
      const context = { ...around, principal };
      const decided = decideAll(loaded.state, command, context, options.then);
      if (decided.kind !== 'accept' && !fresh) {
        // Decided on a remembered state: only the stream itself may say no.
        loaded = await tasks.load(id);
        fresh = true;
        continue;
      }
      if (decided.kind === 'reject') return { ...decided, kind: 'rejected', task: loaded.state };
      if (decided.kind === 'nothing') return { kind: 'nothing', task: loaded.state };
      const done = await this.append(id, loaded, decided, context, options, attempt);
      if (done) return done;
      tasks.forget(id);
      loaded = await tasks.load(id);
      fresh = true;
      attempt += 1;
    }
    return { kind: 'rejected', reason: 'contended', detail: `lost ${attempts} races in a row`, task: loaded.state };
  }

  /** What the same request, under the same key, has led to when it was sent before; null when it was not. */
  async repeated(id: TaskId, keyed: KeyedRequest | undefined): Promise<Executed | null> {
    if (!keyed) return null;
    const { tasks, ids } = this.deps;
    const found = await tasks.behind(id, (index) => ids.eventId(keyed.commandId, index));
    if (!found || found.state.kind === 'unknown') return null;
    if (found.first.meta['correlation'] !== correlationOf(keyed)) return reused(found.state);
    keyed.onRepeated();
    return { kind: 'accepted', task: found.state, events: [] };
  }

  /** What would be decided, on the stream as it is; nothing is stored. */
  async preview(id: TaskId, given: TaskCommand, contextOf: ContextOf): Promise<Decision> {
    const { state } = await this.deps.tasks.load(id);
    return decide(state, storableCommand(given), await contextOf(state));
  }

  private async append(
    id: TaskId,
    loaded: LoadedTask,
    decided: { task: SubmittedTask; events: readonly TaskEvent[] },
    context: DecisionContext,
    options: ExecuteOptions,
    attempt: number,
  ): Promise<Executed | null> {
    const { tasks, ids, hasher, worker, subscribers, onAppended } = this.deps;
    const isShared = typeof options.commandId === 'function';
    const commandId = commandIdOf(options, loaded.state, attempt);
    demandReadable(decided.events);
    const fields = {
      occurredAt: context.at,
      actor: context.principal.name,
      worker,
      correlationId: options.keyed ? correlationOf(options.keyed) : (options.correlationId ?? id),
      causationId: loaded.lastEventId,
      policyDigest: context.policyDigest,
    };
    const prepared = tasks.prepare(
      id,
      loaded,
      { state: decided.task, events: decided.events, fields },
      { hasher, idOf: (index) => ids.eventId(commandId, index) },
    );
    if (subscribers) await subscribers.beforeAppend(taskStream(id), prepared.events);
    await failpoint('append.before');
    const outcome = await tasks.store(prepared, this.deps, { isShared }).catch((error: unknown) => {
      // It may be stored all the same: what comes next must be decided on what the stream says.
      tasks.forget(id);
      if (options.keyed && error instanceof EventIdReused) return 'reused' as const;
      throw error;
    });
    if (outcome === 'reused') return reused(loaded.state);
    await failpoint('append.after');
    if (outcome === 'conflict') return null;
    subscribers?.onAppended(taskStream(id), prepared.events);
    onAppended?.(decided.task, decided.events);
    this.tellGates(decided);
    // Others may have been asked for something else under the same key, at the same moment and on the same state.
    const stored = options.keyed ? await tasks.behind(id, (index) => ids.eventId(commandId, index)) : null;
    if (stored && stored.first.meta['correlation'] !== fields.correlationId) return reused(decided.task);
    return { kind: 'accepted', task: decided.task, events: decided.events };
  }

  private tellGates({ task, events }: { readonly task: SubmittedTask; readonly events: readonly TaskEvent[] }): void {
    for (const { type, data } of events)
      if (type === 'GateEvaluated')
        this.deps.telemetry?.happened('gate', { gate: data.gate, result: data.result, task: task.id });
  }
}

function commandIdOf({ commandId, keyed }: ExecuteOptions, task: Task, attempt: number): string {
  // The same whichever attempt it is: where a race is lost nothing is stored, and who sends it again has to find it.
  if (keyed) return keyed.commandId;
  return typeof commandId === 'function' ? commandId(task) : `${commandId}#${attempt}`;
}

/** What belongs to one request says so, and with it what was asked for. */
function correlationOf({ digest }: KeyedRequest): string {
  return `request:${digest}`;
}

function isAnother({ state, revision }: LoadedTask, expected: Revision | undefined): boolean {
  return expected !== undefined && state.kind !== 'unknown' && revision !== expected;
}

function moved(task: Task, expected: Revision | undefined): Executed {
  const at = task.kind === 'unknown' ? 'none' : String(task.revision);
  const detail = `expected the task at revision ${String(expected)}, it is at ${at}; look at it, then decide again`;
  return { kind: 'rejected', reason: 'task-moved', detail, task };
}

function reused(task: Task): Executed {
  const detail = 'expected a key of its own for each request, saw one that another request has had; make a new one';
  return { kind: 'rejected', reason: 'reused-key', detail, task };
}

type Decided =
  | { readonly kind: 'accept'; readonly task: SubmittedTask; readonly events: readonly TaskEvent[] }
  | Exclude<Decision, { kind: 'accept' }>;

/** Decides the command and, on the state it leads to, the one that follows it in the same append. */
function decideAll(task: Task, command: TaskCommand, context: DecisionContext, then: ExecuteOptions['then']): Decided {
  const first = decide(task, command, context);
  if (first.kind !== 'accept') return first;
  const after = fold(task, first.events, context);
  const next = then?.(after, context) ?? null;
  if (!next) return { kind: 'accept', task: after, events: first.events };
  const second = decide(after, next, context);
  if (second.kind !== 'accept') return { kind: 'accept', task: after, events: first.events };
  return { kind: 'accept', task: fold(after, second.events, context), events: [...first.events, ...second.events] };
}

function fold(task: Task, events: readonly TaskEvent[], context: DecisionContext): SubmittedTask {
  const when = { at: context.at, policyDigest: context.policyDigest };
  const after = events.reduce((state, event) => evolve(state, event, when), task);
  if (after.kind !== 'submitted') throw new Error('events were accepted for a task that was never submitted');
  return after;
}
