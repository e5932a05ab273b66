import type { EventStore } from '../../src/application/ports/event-store';
import { contend, winsByRound } from '../contract/support/contend';
import { isLinearizable, type Call } from '../contract/support/linearizable';
import { StoreProcess } from '../contract/support/store-process';
import type { Arena } from './arenas';

export interface Size {
  readonly rounds: number;
  readonly contenders: number;
  readonly processes: number;
}

export interface Outcome {
  readonly store: string;
  readonly rounds: number;
  readonly appends: number;
  /** Rounds with exactly one winner. */
  readonly oneWinner: number;
  /** Rounds won, by process: with several, none may have been left out, or nothing was contended. */
  readonly wins: readonly number[];
  readonly stored: number;
  readonly hasOneOrder: boolean;
  readonly seconds: number;
  readonly isFair: boolean;
}

const STREAM = 'task-contest.one';

type Corner = (round: number) => Promise<readonly Call[]>;

export async function compete(arena: Arena, size: Size): Promise<Outcome> {
  const opened = await arena.open();
  const { store, target } = opened;
  try {
    const isShared = target !== null;
    const corners = isShared
      ? await Promise.all(Array.from({ length: size.processes }, () => processCorner(target, size)))
      : [localCorner(store, size.contenders)];
    const startedAt = performance.now();
    const calls = await rounds(corners, size.rounds);
    const seconds = (performance.now() - startedAt) / 1_000;
    const stored = (await store.readStream(STREAM, { limit: size.rounds + 1 })).length;
    return judged(arena.name, size, calls, stored, seconds);
  } finally {
    await opened.close();
  }
}

/** @returns by corner, all its calls. */
async function rounds(corners: readonly Corner[], count: number): Promise<readonly (readonly Call[])[]> {
  const calls = corners.map((): Call[] => []);
  for (let round = 0; round < count; round += 1) {
    // In turns, since who is asked first is ahead.
    const order = corners.map((_, index) => (index + round) % corners.length);
    await Promise.all(
      order.map(async (index) => {
        calls[index]?.push(...((await corners[index]?.(round)) ?? []));
      }),
    );
  }
  return calls;
}

function judged(
  store: string,
  { rounds: count, contenders }: Size,
  calls: readonly (readonly Call[])[],
  stored: number,
  seconds: number,
): Outcome {
  const all = calls.flat();
  const oneWinner = winsByRound(all, count).filter((wins) => wins === 1).length;
  const wins = calls.map((own) => winsByRound(own, count).filter((won) => won > 0).length);
  const hasOneOrder = byRound(all, count).every(isLinearizable);
  const isWhole = all.length === count * contenders && stored === count && wins.every((won) => won > 0);
  const isFair = isWhole && hasOneOrder && oneWinner === count;
  return { store, rounds: count, appends: all.length, oneWinner, wins, stored, hasOneOrder, seconds, isFair };
}

/** A round begins when the one before it is over, so each is judged alone, as if it were the first. */
function byRound(calls: readonly Call[], count: number): readonly (readonly Call[])[] {
  const found = Array.from({ length: count }, (): Call[] => []);
  for (const call of calls) {
    if (call.kind !== 'append' || !call.answer) continue;
    const round = call.expected + 1;
    const { answer } = call;
    const shifted =
      answer.kind === 'ok'
        ? { kind: answer.kind, revision: answer.revision - round }
        : { kind: answer.kind, actual: answer.actual - round };
    found[round]?.push({ ...call, expected: -1, answer: shifted });
  }
  return found;
}

function localCorner(store: EventStore, contenders: number): Corner {
  return (round) => contend(store, { stream: STREAM, round, contenders });
}

async function processCorner(
  target: Parameters<typeof StoreProcess.start>[0],
  { contenders, processes }: Size,
): Promise<Corner> {
  const process = await StoreProcess.start(target);
  return (round) => process.run('contend', { stream: STREAM, round, contenders: contenders / processes });
}
