import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { TaskExecutor } from '../../src/application/execute-task';
import { EventRefused, type EventStore, type NewEvent } from '../../src/application/ports/event-store';
import { TaskRepository } from '../../src/application/task-repository';
import { plusMs } from '../../src/domain/instant';
import type { JsonObject } from '../../src/domain/json';
import type { TaskCommand } from '../../src/domain/task/task.commands';
import { initialTask } from '../../src/domain/task/task.state';
import { MemoryEventStore } from '../../src/infrastructure/event-stores/memory-event-store';
import { MAX_APPEND_BYTES } from '../../src/infrastructure/event-stores/validate-append';
import { openSqliteEventStore } from '../../src/infrastructure/event-stores/sqlite/sqlite-event-store';
import { CryptoIds } from '../../src/infrastructure/system/crypto-ids';
import { NodeHasher } from '../../src/infrastructure/system/node-hasher';
import { everything } from '../contract/support/events';
import { TestClock } from '../projections/support/harness';
import { START, type Line, type Move } from '../support/given-when-then';
import { check } from '../support/invariants';
import { ANN, contextAt, EVERY_AGENT, TASK } from '../support/policies';
import {
  agentDone,
  agentError,
  cancel,
  claim,
  conflicted,
  forgery,
  hold,
  infraFailed,
  landed,
  landing,
  lockBusy,
  release,
  releaseClaim,
  stagedGreen,
  submit,
  submittedForStaging,
  suiteRan,
  unclassified,
} from '../support/task-stories';

/** Printed by a failure; the same seed makes the same texts. */
const SEED = 20_260_105;
const RUNS = { memory: 100, sqlite: 20 } as const;
/** What every store takes in one append. */
const APPEND_BYTES = MAX_APPEND_BYTES;
/** Members of commands that say what git, a suite, an agent, a person or an error said. */
const FROM_OUTSIDE: ReadonlySet<string> = new Set(
  'title by reason detail text evidence paths step seen usage cost durationMs leaked'.split(' '),
);

interface Hostile {
  readonly text: string;
  readonly lines: readonly string[];
  readonly json: JsonObject;
  readonly number: number;
}

const failing = (times: number, move: Move): Line =>
  Array.from({ length: times }, () => [claim('staging-suite'), move]);
const STORIES: readonly (readonly [name: string, story: readonly Line[]])[] = [
  ['a person', [submit(), hold, release, hold, cancel]],
  ['a suite', [submittedForStaging, claim('staging-suite'), suiteRan({ exitCode: 1 })]],
  ['tools that fail until nobody tries any more', [submittedForStaging, failing(4, infraFailed()), release]],
  ['a lock', [submittedForStaging, claim('staging-suite'), lockBusy]],
  ['what nothing explains', [submittedForStaging, claim('staging-suite'), unclassified, release]],
  ['an artifact', [submittedForStaging, claim('staging-suite'), forgery]],
  ['a claim that is given back', [submittedForStaging, claim('staging-suite'), releaseClaim()]],
  ['an agent', [submit({ startStage: 'review' }), claim('reviewer'), agentDone('reviewer', 'APPROVED')]],
  [
    'an agent that fails',
    [submit({ startStage: 'review' }), Array.from({ length: 3 }, () => [claim('reviewer'), agentError('reviewer')])],
  ],
  ['git about a conflict', [stagedGreen, claim('merge-gate'), conflicted('src/a.ts')]],
  ['git about a merge', [stagedGreen, claim('merge-gate'), infraFailed('GIT_FAILED', { failureClass: 'tool-error' })]],
  ['people during a landing', [landing, hold, cancel, landed()]],
];

let root: string;
beforeEach(() => (root = mkdtempSync(join(tmpdir(), 'hostile-'))));
afterEach(() => {
  rmSync(root, { recursive: true, force: true });
});

const STORES: readonly (readonly [keyof typeof RUNS, () => Promise<EventStore>])[] = [
  ['memory', async () => new MemoryEventStore()],
  ['sqlite', () => openSqliteEventStore(join(root, 'events.db'))],
];

describe.each(STORES)('whatever is said from outside, on a log in %s', (kind, open) => {
  it.each(STORIES)('%s: it is stored, comes back as it was stored, and fits into one append', async (_name, story) => {
    const store = await open();
    const largest = watchAppends(store);
    let run = 0;
    await fc.assert(
      fc.asyncProperty(hostile(), async (said) => {
        await tell(store, `web.R${(run += 1)}`, story.flatMap(moves), said);
      }),
      { seed: SEED, numRuns: RUNS[kind] },
    );
    // Folds and hashes what the store gives back.
    expect(check(await everything(store), { isAtRest: false })).toEqual([]);
    expect(largest()).toBeLessThan(APPEND_BYTES);
    await store.close();
  });
});

describe('a description', () => {
  const described = async (description: string) => {
    const store = new MemoryEventStore();
    const clock = new TestClock(() => Date.parse(START));
    const parts = {
      tasks: new TaskRepository(store),
      clock,
      ids: new CryptoIds(),
      hasher: new NodeHasher(),
      worker: 'w',
    };
    const { state } = await parts.tasks.load(TASK);
    const command = submit({ description }).move(state, START);
    const context = () => contextAt(START, { policy: EVERY_AGENT, principal: ANN });
    const done = await new TaskExecutor(parts).execute(TASK, command, context, { commandId: 'c' });
    return { done, store };
  };

  it('is the one text that is longer than others: it is stored whole, and comes back so', async () => {
    // As JSON each of these is six bytes: the longest that 64 KiB can become.
    const description = '\u0001'.repeat(65_536);
    const { store } = await described(description);
    const { state } = await new TaskRepository(store).load(TASK);
    expect(state).toMatchObject({ description });
  });

  it('one that is too long is refused, however it came', async () => {
    const { done, store } = await described('x'.repeat(200_000));
    expect(done).toMatchObject({ kind: 'rejected', reason: 'invalid-description' });
    expect(await everything(store)).toEqual([]);
  });
});

describe('the worst that can be said', () => {
  const text = '\u0001'.repeat(100_000);
  const worst: Hostile = {
    text,
    lines: Array.from({ length: 5_000 }, () => text),
    json: Object.fromEntries(Array.from({ length: 1_000 }, (_, index) => [`${index}${text}`, text])),
    number: Infinity,
  };

  it.each(STORIES)('%s: it fits into one append of a server that nobody told otherwise', async (_name, story) => {
    const store = new MemoryEventStore();
    const largest = watchAppends(store);
    await tell(store, TASK, story.flatMap(moves), worst);
    expect(largest()).toBeLessThan(APPEND_BYTES);
  });
});

test('what its own readers would not take is never written, and refused for good', async () => {
  const store = new MemoryEventStore();
  const tasks = new TaskRepository(store);
  const clock = new TestClock(() => Date.parse(START));
  const executor = new TaskExecutor({ tasks, clock, ids: new CryptoIds(), hasher: new NodeHasher(), worker: 'w' });
  const command = submit({ title: null as never }).move(initialTask(), START);
  const refused = executor.execute(TASK, command, () => contextAt(START), { commandId: 'c' });
  await expect(refused).rejects.toThrow(EventRefused);
  await expect(refused).rejects.toThrow('expected data as TaskSubmitted has it, saw another title');
  expect(await everything(store)).toEqual([]);
});

/** Every command of the story through the real executor, each with something hostile in every place that takes it. */
async function tell(store: EventStore, id: string, story: readonly Move[], said: Hostile): Promise<void> {
  let at = START;
  const tasks = new TaskRepository(store);
  const clock = new TestClock(() => Date.parse(at));
  const executor = new TaskExecutor({ tasks, clock, ids: new CryptoIds(), hasher: new NodeHasher(), worker: 'w' });
  const lane = { holder: { taskId: id, epoch: '7' }, nextInLine: null };
  for (const [index, { move }] of story.entries()) {
    at = plusMs(at, 3_600_000);
    const { state: task } = await tasks.load(id);
    const command = withHostile(move(task, at), said, id);
    const context = () => contextAt(at, { policy: EVERY_AGENT, lane, principal: { ...ANN, name: said.text } });
    const done = await executor.execute(id, command, context, { commandId: `${id}:${index}` });
    expect({ command: command.type, ...done, task: null }).toMatchObject({ kind: 'accepted' });
  }
}

function withHostile(command: TaskCommand, said: Hostile, taskId: string): TaskCommand {
  const data = replaced(command.data, said, command.type === 'SubmitTask' ? ['reason'] : []) as object;
  return { type: command.type, data: command.type === 'SubmitTask' ? { ...data, taskId } : data } as TaskCommand;
}

function replaced(value: unknown, said: Hostile, kept: readonly string[]): unknown {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return value;
  const entries = Object.entries(value).map(([name, member]: [string, unknown]) => {
    if (!FROM_OUTSIDE.has(name) || kept.includes(name)) return [name, replaced(member, said, kept)];
    if (typeof member === 'string') return [name, said.text];
    // Our own runner counts them, and what it says is rounded.
    if (typeof member === 'number') return [name, Math.round(said.number)];
    return [name, Array.isArray(member) ? said.lines : said.json];
  });
  return Object.fromEntries(entries) as unknown;
}

function moves(line: Line): readonly Move[] {
  if (Array.isArray(line)) return (line as readonly Line[]).flatMap(moves);
  return [line as Move];
}

/** @returns the bytes of the largest append so far, as EventStoreDB counts them. */
function watchAppends(store: EventStore): () => number {
  const sizes = [0];
  const append = store.append.bind(store);
  jest.spyOn(store, 'append').mockImplementation((stream, expected, events, options) => {
    sizes.push(events.reduce((sum, event) => sum + sizeOf(event), 0));
    return append(stream, expected, events, options);
  });
  return () => Math.max(...sizes);
}

/** Data and metadata as JSON, the type in UTF-16, and some for what the adapter and the server add. */
function sizeOf({ type, data, meta }: NewEvent): number {
  return Buffer.byteLength(JSON.stringify(data)) + Buffer.byteLength(JSON.stringify(meta)) + 2 * type.length + 500;
}

function hostile(): fc.Arbitrary<Hostile> {
  const number = fc.oneof(fc.double(), fc.constantFrom(1e29, -1e300, -0, NaN, Infinity, 2 ** 53, 5e-324));
  const leaf = fc.oneof(hostileText(), number, fc.boolean(), fc.constant(null));
  const json = fc.oneof(
    fc.dictionary(hostileText(), fc.oneof(leaf, fc.array(leaf))),
    fc.integer({ min: 1, max: 20_000 }).map(nested),
    fc
      .integer({ min: 1, max: 3_000 })
      .map((width) => Object.fromEntries(Array.from({ length: width }, (_, i) => [`k${i}`, i]))),
  ) as fc.Arbitrary<JsonObject>;
  const lines = fc.oneof(
    fc.array(hostileText(), { maxLength: 8 }),
    fc.integer({ min: 49, max: 3_000 }).map((count) => Array.from({ length: count }, (_, i) => `src/${i}.ts`)),
  );
  return fc.record({ text: hostileText(), lines, json, number });
}

/** Halves of characters, NUL, controls, whole characters across every place where something might be cut, and too much of it. */
function hostileText(): fc.Arbitrary<string> {
  const part = fc.oneof(
    fc.constantFrom(
      '\ud800',
      '\udc00',
      '\udfff\ud800',
      '\u0000',
      '\u001b[2J',
      '\u202e',
      '😀',
      '\ufffe',
      '\\',
      '"',
      '\n',
    ),
    fc.string({ unit: 'binary', maxLength: 20 }),
  );
  const short = fc.array(part, { maxLength: 10 }).map((parts) => parts.join(''));
  const long = fc
    .tuple(
      fc.integer({ min: 0, max: 3 }),
      fc.constantFrom('😀', '\u0001', 'ü', '\ud83d'),
      fc.integer({ min: 140, max: 6_000 }),
    )
    .map(([shift, char, count]) => 'x'.repeat(shift) + char.repeat(count));
  return fc.oneof({ weight: 4, arbitrary: short }, { weight: 1, arbitrary: long });
}

/** Made from the inside out: a recursion would be the first to give up. */
function nested(levels: number): JsonObject {
  let value: JsonObject = {};
  for (let level = 0; level < levels; level += 1) value = level % 2 === 0 ? { a: value } : { b: [value] };
  return value;
}
