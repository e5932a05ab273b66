import { OutcomeUnknown, StoreBusy, StoreUnavailable } from '../../../src/application/ports/event-store';
import type { AppendDecision } from '../../../src/infrastructure/event-stores/append-decision';
import { CommitQueue, type BatchWriter } from '../../../src/infrastructure/event-stores/commit-queue';
import type { ValidAppend } from '../../../src/infrastructure/event-stores/validate-append';

/** Writes nowhere; says yes when it is told to, and knows what came in which batch. */
class ScriptedWriter implements BatchWriter {
  readonly batches: string[][] = [];
  readonly poison = new Set<string>();
  prepareFails: Error | null = null;
  private release: (() => void) | null = null;
  private isHeld = false;

  hold(): void {
    this.isHeld = true;
  }

  go(): void {
    this.isHeld = false;
    this.release?.();
  }

  async prepare(): Promise<void> {
    if (this.prepareFails) throw this.prepareFails;
  }

  async commit(batch: readonly ValidAppend[]): Promise<readonly AppendDecision[]> {
    this.batches.push(batch.map(({ stream }) => stream));
    if (this.isHeld) {
      await new Promise<void>((resolve) => {
        this.release = resolve;
      });
    }
    const bad = batch.find(({ stream }) => this.poison.has(stream));
    if (bad) throw new Error(`poison ${bad.stream}`);
    return batch.map((_, index) => ({
      status: 'ok',
      revision: BigInt(index),
      position: 1n,
      recordedAt: new Date(0),
    }));
  }

  mayBeOneOfMany(error: unknown): boolean {
    return (error as Error).message.startsWith('poison');
  }
}

function append(stream: string, bytes = 100): ValidAppend {
  return { stream, expected: 'no-stream', events: [], bytes };
}

/** Longer than every wait of these tests. */
const turn = () => new Promise((resolve) => setTimeout(resolve, 5));

let writer: ScriptedWriter;
let queue: CommitQueue;
let commits: number;

beforeEach(() => {
  writer = new ScriptedWriter();
  commits = 0;
  queue = new CommitQueue(writer, () => (commits += 1));
});

test('appends that gather while a batch is on its way go together in the next', async () => {
  writer.hold();
  const first = queue.append(append('a'));
  await turn();
  const others = ['b', 'c', 'd'].map((name) => queue.append(append(name)));
  await turn();
  expect(writer.batches).toEqual([['a']]);
  writer.go();
  await Promise.all([first, ...others]);
  expect(writer.batches).toEqual([['a'], ['b', 'c', 'd']]);
  expect(commits).toBe(2);
});

test('every caller gets the decision of its own append', async () => {
  const decisions = await Promise.all(['a', 'b', 'c'].map((name) => queue.append(append(name))));
  expect(decisions.map((decision) => 'revision' in decision && decision.revision)).toEqual([0n, 1n, 2n]);
});

test('a batch takes at most 64 appends', async () => {
  await Promise.all(Array.from({ length: 150 }, (_, index) => queue.append(append(`s${index}`))));
  expect(writer.batches.map(({ length }) => length)).toEqual([64, 64, 22]);
});

test('a batch takes at most 1 MiB, and an append that is larger goes alone', async () => {
  const sizes = [600_000, 400_000, 400_000, 3_000_000, 10];
  await Promise.all(sizes.map((bytes, index) => queue.append(append(`s${index}`, bytes))));
  expect(writer.batches).toEqual([['s0', 's1'], ['s2'], ['s3'], ['s4']]);
});

test('an append that spoils its batch is refused alone, the others are stored', async () => {
  writer.poison.add('b');
  const outcomes = await Promise.allSettled(['a', 'b', 'c'].map((name) => queue.append(append(name))));
  expect(outcomes.map(({ status }) => status)).toEqual(['fulfilled', 'rejected', 'fulfilled']);
  expect(writer.batches).toEqual([['a', 'b', 'c'], ['a'], ['b'], ['c']]);
});

test('when the store cannot be reached all that wait are told, and the next ones are tried again', async () => {
  writer.prepareFails = new StoreUnavailable('STORE_UNAVAILABLE', 'gone');
  const outcomes = await Promise.allSettled(['a', 'b'].map((name) => queue.append(append(name))));
  expect(outcomes.map(({ status }) => status)).toEqual(['rejected', 'rejected']);
  writer.prepareFails = null;
  await expect(queue.append(append('c'))).resolves.toMatchObject({ status: 'ok' });
});

test('time that is over before an append was sent takes it out of the queue', async () => {
  writer.hold();
  const first = queue.append(append('a'));
  await turn();
  await expect(queue.append(append('b'), { timeoutMs: 20 })).rejects.toThrow(StoreBusy);
  writer.go();
  await first;
  await queue.append(append('c'));
  expect(writer.batches).toEqual([['a'], ['c']]);
});

test('time that is over after an append was sent leaves its outcome unknown', async () => {
  writer.hold();
  await expect(queue.append(append('a'), { timeoutMs: 20 })).rejects.toThrow(OutcomeUnknown);
  writer.go();
  await expect(queue.append(append('b'))).resolves.toMatchObject({ status: 'ok' });
});

test('a caller who has left already sends nothing and stops nobody', async () => {
  const left = AbortSignal.abort();
  await expect(queue.append(append('a'), { signal: left })).rejects.toThrow(StoreBusy);
  await queue.idle();
  await queue.append(append('b'));
  expect(writer.batches).toEqual([['b']]);
});
