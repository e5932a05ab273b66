/**
 * One call on one stream. `ids` undefined is a read of the whole stream. Times are of one clock; `returnedAt` null means
 * that the caller never learnt what came of it.
 */
export type Call =
  | {
      readonly kind: 'append';
      readonly expected: number;
      readonly ids: readonly string[];
      readonly answer: Answer | null;
      readonly invokedAt: bigint;
      readonly returnedAt: bigint | null;
    }
  | {
      readonly kind: 'read';
      readonly answer: { readonly ids: readonly string[] };
      readonly invokedAt: bigint;
      readonly returnedAt: bigint;
    };

/** Revisions count from 0; -1 is no stream. */
export type Answer =
  { readonly kind: 'ok'; readonly revision: number } | { readonly kind: 'conflict'; readonly actual: number };

/** Every id of the stream, in order. */
type Stream = readonly string[];

/**
 * Whether some order of the calls, each at one instant between its invocation and its return, explains every answer
 * (Herlihy and Wing 1990; search as in Wing and Gong 1993).
 *
 * A call that changes nothing is taken as soon as its answer fits: it can never be in the way of another. So only calls
 * that store are tried in different orders, and those are told apart by the revision they were given.
 */
export function isLinearizable(calls: readonly Call[]): boolean {
  return search(new Set(calls), [], new Set());
}

function search(open: ReadonlySet<Call>, stream: Stream, failed: Set<string>): boolean {
  const left = withoutReaders(open, stream);
  if ([...left].every(({ returnedAt }) => returnedAt === null)) return true;
  const key = keyOf(left, stream);
  if (failed.has(key)) return false;
  for (const call of candidates(left)) {
    const next = call.kind === 'append' ? stored(call, stream) : null;
    if (next && search(without(left, call), next, failed)) return true;
  }
  failed.add(key);
  return false;
}

/** Calls that may come next: none that is left has returned before they began. */
function candidates(open: ReadonlySet<Call>): Call[] {
  let firstReturn: bigint | null = null;
  for (const { returnedAt } of open) {
    if (returnedAt !== null && (firstReturn === null || returnedAt < firstReturn)) firstReturn = returnedAt;
  }
  return [...open].filter(({ invokedAt }) => firstReturn === null || invokedAt <= firstReturn);
}

function withoutReaders(open: ReadonlySet<Call>, stream: Stream): ReadonlySet<Call> {
  let left = open;
  for (;;) {
    const taken = candidates(left).filter((call) => changesNothing(call, stream));
    if (taken.length === 0) return left;
    const rest = new Set(left);
    for (const call of taken) rest.delete(call);
    left = rest;
  }
}

function changesNothing(call: Call, stream: Stream): boolean {
  const last = stream.length - 1;
  if (call.kind === 'read') return sameIds(call.answer.ids, stream);
  if (call.answer === null) return false;
  const places = stream.slice(call.expected + 1, call.expected + 1 + call.ids.length);
  const isThere = call.expected !== last && sameIds(places, call.ids);
  if (call.answer.kind === 'conflict') return call.answer.actual === last && call.expected !== last && !isThere;
  return isThere && call.answer.revision === call.expected + call.ids.length;
}

/** @returns the stream behind this append, or null when it could not have been stored here. */
function stored({ expected, ids, answer }: Call & { kind: 'append' }, stream: Stream): Stream | null {
  if (expected !== stream.length - 1) return null;
  if (answer && (answer.kind !== 'ok' || answer.revision !== expected + ids.length)) return null;
  return [...stream, ...ids];
}

function sameIds(one: readonly string[], other: readonly string[]): boolean {
  return one.length === other.length && one.every((id, index) => id === other[index]);
}

function without(open: ReadonlySet<Call>, call: Call): ReadonlySet<Call> {
  const left = new Set(open);
  left.delete(call);
  return left;
}

const numbers = new WeakMap<Call, number>();
let numbered = 0;

function keyOf(open: ReadonlySet<Call>, stream: Stream): string {
  const parts = [...open].map((call) => {
    const known = numbers.get(call) ?? (numbered += 1);
    numbers.set(call, known);
    return known;
  });
  return `${parts.join()} ${stream.join()}`;
}
