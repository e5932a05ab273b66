import { instant, plusMs, type Instant } from '../../src/domain/instant';
import type { Decision } from '../../src/domain/task/decide/decision';
import { evolve } from '../../src/domain/task/evolve';
import { nextStep } from '../../src/domain/task/next-step';
import type { Step } from '../../src/domain/task/next/step';
import type { DecisionContext, TaskCommand } from '../../src/domain/task/task.commands';
import { decide } from '../../src/domain/task/task.decider';
import type { ClaimToken, TaskEvent, TaskEventData, TaskEventType } from '../../src/domain/task/task.events';
import type { TaskRejection } from '../../src/domain/task/task.rejections';
import { initialTask, type SubmittedTask, type Task } from '../../src/domain/task/task.state';
import { contextAt, type Circumstances } from './policies';

/** The task so far and everything around it that a decision reads. */
export interface World {
  readonly task: Task;
  readonly at: Instant;
  readonly around: Circumstances;
  readonly log: readonly TaskEvent[];
}

/** A command, made when its turn comes, so that it can cite the claim that is open then. */
export interface Move {
  readonly move: (task: Task, at: Instant) => TaskCommand;
}
/** Something outside the task changes: time passes, a switch goes off, the lane changes hands. */
export interface Change {
  readonly change: (world: World) => World;
}
/** One line of a story: a recorded event, a command that must be accepted, a change around it, or several of these. */
export type Line = TaskEvent | Move | Change | readonly Line[];

/** What an event must say at least; a bare name asks for the type alone. */
export type Expected = TaskEventType | { readonly type: TaskEventType; readonly data: object };

export const START: Instant = instant(Date.UTC(2026, 0, 5, 8));

export function given(...story: readonly Line[]): Given {
  return new Given(tell(NEW_WORLD, story));
}

export function happened<T extends TaskEventType>(type: T, data: Partial<TaskEventData[T]> = {}): Expected {
  return { type, data };
}

export function contextOf({ at, around }: World): DecisionContext {
  return contextAt(at, around);
}

export function apply(world: World, events: readonly TaskEvent[]): World {
  const { policyDigest } = contextOf(world);
  const task = events.reduce((state, event) => evolve(state, event, { at: world.at, policyDigest }), world.task);
  return { ...world, task, log: [...world.log, ...events] };
}

export function tell(world: World, story: readonly Line[]): World {
  return story.reduce<World>(tellLine, world);
}

export const NEW_WORLD: World = { task: initialTask(), at: START, around: {}, log: [] };

export class Given {
  constructor(readonly world: World) {}

  get task(): SubmittedTask {
    return submittedOf(this.world.task);
  }

  /** The open claim's, as its owner cites it. */
  get token(): ClaimToken {
    const { claim } = this.task;
    if (!claim) throw new Error('no claim is open');
    return claim.token;
  }

  get next(): Step {
    return nextOf(this.world);
  }

  when(move: Move): When {
    const command = move.move(this.world.task, this.world.at);
    return new When(this.world, command, decideTwice(this.world, command));
  }

  /** Asks for the next step, by kind and by the code or job that explains it. */
  thenNext(kind: Step['kind'], what: string): this {
    expect(this.next).toMatchObject({ kind });
    expect(labelOf(this.next)).toBe(what);
    return this;
  }

  thenTask(part: Partial<SubmittedTask> | object): this {
    expect(this.task).toMatchObject(part);
    return this;
  }
}

/** What a command led to. */
export class When {
  constructor(
    private readonly before: World,
    private readonly command: TaskCommand,
    readonly decision: Decision,
  ) {}

  get events(): readonly TaskEvent[] {
    expect(this.decision).toMatchObject({ kind: 'accept' });
    return this.decision.kind === 'accept' ? this.decision.events : [];
  }

  /** Exactly these events, in this order. @returns the world after them, for the next sentence of the story. */
  then(...expected: readonly Expected[]): Given {
    const names = expected.map((one) => (typeof one === 'string' ? one : one.type));
    expect(this.events.map(({ type }) => type)).toEqual(names);
    expected.forEach((one, index) => {
      if (typeof one !== 'string') expect(this.events[index]).toMatchObject(one);
    });
    return this.accepted();
  }

  thenRejected(reason: TaskRejection, detail = /./): void {
    expect(this.decision).toMatchObject({ kind: 'reject', reason, detail: expect.stringMatching(detail) as string });
  }

  thenNothing(): void {
    expect(this.decision).toEqual({ kind: 'nothing' });
  }

  accepted(): Given {
    return new Given(apply(this.before, this.events));
  }

  /** The very same request once more, after the first one was accepted. */
  again(): When {
    const { world } = this.accepted();
    return new When(world, this.command, decideTwice(world, this.command));
  }
}

function tellLine(world: World, line: Line): World {
  if (isList(line)) return tell(world, line);
  if ('change' in line) return line.change(world);
  if (!('move' in line)) return apply(world, [line]);
  const command = line.move(world.task, world.at);
  const decision = decideTwice(world, command);
  if (decision.kind !== 'accept') {
    throw new Error(
      `the story breaks at ${command.type}: ${JSON.stringify(decision)}, ${JSON.stringify(nextOf(world))}`,
    );
  }
  return apply(world, decision.events);
}

/** Every decision of every story is made twice: a decider with a memory or a mutated input would show here. */
function decideTwice(world: World, command: TaskCommand): Decision {
  deepFreeze(world.task);
  deepFreeze(command);
  const first = decide(world.task, command, contextOf(world));
  expect(decide(world.task, command, contextOf(world))).toEqual(first);
  if (first.kind === 'accept') expect(first.events).not.toHaveLength(0);
  return first;
}

export function nextOf(world: World): Step {
  const { policy, surroundings } = contextOf(world);
  return nextStep(world.task, world.at, policy, surroundings);
}

export function labelOf(step: Step): string {
  if (step.kind === 'run') return step.job.kind === 'agent' ? `agent:${step.job.role}` : step.job.kind;
  return step.kind === 'decide' ? step.command.type : step.why.code;
}

export function submittedOf(task: Task): SubmittedTask {
  if (task.kind === 'unknown') throw new Error('no such task');
  return task;
}

export function later(at: Instant, durationMs: number): Instant {
  return plusMs(at, durationMs);
}

function isList(line: Line): line is readonly Line[] {
  return Array.isArray(line);
}

export function deepFreeze<T>(value: T): T {
  if (typeof value === 'object' && value !== null && !Object.isFrozen(value)) {
    Object.freeze(value);
    Object.values(value).forEach(deepFreeze);
  }
  return value;
}
