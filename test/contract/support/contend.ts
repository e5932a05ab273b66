import { randomUUID } from 'node:crypto';
import type { EventStore, NewEvent } from '../../../src/application/ports/event-store';
import type { Answer, Call } from './linearizable';

/**
 * One round: contenders that all aim at the same revision. Other processes may hold the same round.
 *
 * @param isMixed two contenders send the same event, as a re-send does, and two read what is there.
 */
export async function contend(
  store: EventStore,
  { stream, round, contenders, isMixed = false }: Contest,
): Promise<readonly Call[]> {
  const calls: Call[] = [];
  const shared = [made()];
  const work = Array.from({ length: contenders }, async (_, index) => {
    if (isMixed && index === 0) calls.push(await read(store, stream));
    const events = isMixed && index < 2 ? shared : [made()];
    calls.push(await append(store, stream, round - 1, events));
    if (isMixed && index === 1) calls.push(await read(store, stream));
  });
  await Promise.all(work);
  return calls;
}

export interface Contest {
  readonly stream: string;
  /** The revision that is aimed at. */
  readonly round: number;
  readonly contenders: number;
  readonly isMixed?: boolean;
}

export function winsByRound(calls: readonly Call[], rounds: number): readonly number[] {
  const wins = new Array<number>(rounds).fill(0);
  for (const call of calls) {
    if (call.kind === 'append' && call.answer?.kind === 'ok')
      wins[call.answer.revision] = (wins[call.answer.revision] ?? 0) + 1;
  }
  return wins;
}

function made(): NewEvent {
  return { id: randomUUID(), type: 'TransitionClaimed', data: {}, meta: {} };
}

async function append(store: EventStore, stream: string, expected: number, events: readonly NewEvent[]): Promise<Call> {
  const invokedAt = process.hrtime.bigint();
  const answer = await answerOf(store, stream, expected, events);
  const returnedAt = process.hrtime.bigint();
  return { kind: 'append', expected, ids: events.map(({ id }) => id), answer, invokedAt, returnedAt };
}

async function answerOf(
  store: EventStore,
  stream: string,
  expected: number,
  events: readonly NewEvent[],
): Promise<Answer> {
  try {
    const { revision } = await store.append(stream, expected < 0 ? 'no-stream' : BigInt(expected), events);
    return { kind: 'ok', revision: Number(revision) };
  } catch (error) {
    if (!(error instanceof Error && 'actual' in error)) throw error;
    return { kind: 'conflict', actual: error.actual === 'no-stream' ? -1 : Number(error.actual) };
  }
}

async function read(store: EventStore, stream: string): Promise<Call> {
  const invokedAt = process.hrtime.bigint();
  const ids = (await store.readStream(stream, { limit: 10_000 })).map(({ id }) => id);
  return { kind: 'read', answer: { ids }, invokedAt, returnedAt: process.hrtime.bigint() };
}
