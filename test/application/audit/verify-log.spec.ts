import type { Finding } from '../../../src/application/audit/verify/finding';
import { verifyLog, type Verified } from '../../../src/application/audit/verify/verify-log';
import { CHAIN_START, chainOf } from '../../../src/application/envelope';
import type { StoredEvent } from '../../../src/application/ports/event-store';
import type { JsonObject } from '../../../src/domain/json';
import { NodeHasher } from '../../../src/infrastructure/system/node-hasher';
import { runHistory } from '../../simulation/history';

const hasher = new NodeHasher();
let log: readonly StoredEvent[];

beforeAll(async () => {
  ({ events: log } = await runHistory(1, false, 0, null));
});

async function verified(events: readonly StoredEvent[]): Promise<Verified & { readonly named: readonly Finding[] }> {
  const named: Finding[] = [];
  const pages = async function* () {
    for (let from = 0; from < events.length; from += 50) yield { events: events.slice(from, from + 50) };
  };
  const seen: number[] = [];
  const listener = { found: (each: Finding) => named.push(each), progress: (count: number) => seen.push(count) };
  const result = await verifyLog(pages(), hasher, listener);
  expect(seen.at(-1) ?? 0).toBe(events.length);
  expect(result.findings).toBe(named.length);
  return { ...result, named };
}

/** The places at which something can be done to an event, spread over the log, and not to the last one of its stream. */
function places(count: number): readonly number[] {
  const inside = log.flatMap(({ stream, revision }, at) =>
    log.some((other) => other.stream === stream && other.revision === revision + 1n) ? [at] : [],
  );
  return Array.from({ length: count }, (_, index) => inside[Math.floor((index * inside.length) / count)] as number);
}

function nextIn(place: number): number {
  const { stream, revision: before } = at(place);
  return log.findIndex((event) => event.stream === stream && event.revision === before + 1n);
}

const named = ({ stream, revision }: StoredEvent) => `${stream} ${revision}`;

describe('logs that nobody has touched', () => {
  test.each([1, 7, 40, 251])('seed %i: nothing is found', async (seed) => {
    const { events } = await runHistory(seed, false, 0, null);
    const streams = new Set(events.map(({ stream }) => stream)).size;
    expect(await verified(events)).toMatchObject({ events: events.length, streams, findings: 0, unjudged: [] });
  });

  test('an empty log is whole', async () => {
    expect(await verified([])).toMatchObject({ events: 0, streams: 0, findings: 0 });
  });
});

/** What somebody does at a place, and the events that are named for it. */
interface Tampering {
  readonly events: readonly StoredEvent[];
  readonly named: readonly StoredEvent[];
}

const at = (index: number) => log[index] as StoredEvent;

const KINDS: readonly (readonly [string, (place: number) => Tampering])[] = [
  [
    'data edited',
    (place) => {
      const edited = { ...at(place), data: { ...at(place).data, edited: true } };
      return { events: log.with(place, edited), named: [edited] };
    },
  ],
  [
    'a time edited',
    (place) => {
      const edited = { ...at(place), meta: { ...at(place).meta, at: '2001-01-01T00:00:00.000Z' } };
      return { events: log.with(place, edited), named: [edited] };
    },
  ],
  [
    'another actor',
    (place) => {
      const edited = { ...at(place), meta: { ...at(place).meta, actor: 'mallory' } };
      return { events: log.with(place, edited), named: [edited] };
    },
  ],
  [
    'another type',
    (place) => {
      const edited = { ...at(place), type: 'TaskDone' };
      return { events: log.with(place, edited), named: [edited] };
    },
  ],
  ['an event deleted', (place) => ({ events: log.toSpliced(place, 1), named: [at(nextIn(place))] })],
  [
    'an event put in',
    (place) => {
      const forged = { ...at(place), id: crypto.randomUUID() };
      return { events: log.toSpliced(place, 0, forged), named: [forged, at(place)] };
    },
  ],
  [
    'two events of a stream exchanged',
    (place) => {
      const [a, b] = [at(place), at(nextIn(place))];
      const swapped = log.with(place, { ...a, id: b.id, type: b.type, data: b.data, meta: b.meta });
      return {
        events: swapped.with(nextIn(place), { ...b, id: a.id, type: a.type, data: a.data, meta: a.meta }),
        named: [a, b],
      };
    },
  ],
  [
    'an event edited, with a hash that fits it',
    (place) => {
      const before = log.findLast(
        ({ stream, revision }) => stream === at(place).stream && revision === at(place).revision - 1n,
      );
      const edited = { ...at(place), meta: { ...at(place).meta, actor: 'mallory' } };
      const previous = before ? (before.meta['chain'] as string) : CHAIN_START;
      const meta: JsonObject = { ...edited.meta, chain: chainOf(hasher, previous, edited) };
      return { events: log.with(place, { ...edited, meta }), named: [at(nextIn(place))] };
    },
  ],
];

test.each(KINDS)('%s: at each of 50 places the event is named, and of other streams none', async (_, tamper) => {
  for (const place of places(50)) {
    const { events, named: expected } = tamper(place);
    const { named: found } = await verified(events);
    const places = found.map(({ event }) => `${event?.stream} ${event?.revision}`);
    expect(places).toEqual(expect.arrayContaining(expected.map(named)));
    expect(new Set(found.map(({ event }) => event?.stream))).toEqual(new Set([at(place).stream]));
    expect(found.length).toBeLessThanOrEqual(expected.length + 1);
  }
});

test('every change is named, not only the first one', async () => {
  const where = places(5);
  const events = log.map((event, index) => (where.includes(index) ? { ...event, data: {} } : event));
  const { named: found } = await verified(events);
  expect(found.map(({ event }) => `${event?.stream} ${event?.revision}`)).toEqual(
    [...new Set(where)].sort((a, b) => a - b).map((index) => named(at(index))),
  );
});

describe('events of later versions', () => {
  /** A stream made anew, as its writer would have: every hash fits. */
  const written = (change: (event: StoredEvent) => StoredEvent): readonly StoredEvent[] => {
    const chains = new Map<string, string>();
    return log.map((event) => {
      const changed = change(event);
      const chain = chainOf(hasher, chains.get(event.stream) ?? CHAIN_START, changed);
      chains.set(event.stream, chain);
      return { ...changed, meta: { ...changed.meta, chain } };
    });
  };
  const place = () => places(2)[1] as number;

  test('a type that this version does not know is counted, and is no finding', async () => {
    const target = at(place());
    const events = written((event) => (named(event) === named(target) ? { ...event, type: 'TaskTeleported' } : event));
    expect(await verified(events)).toMatchObject({
      findings: 0,
      unjudged: [{ type: 'TaskTeleported', version: 1, events: 1 }],
    });
  });

  test('so is a later version of a known type', async () => {
    const { type } = at(place());
    const events = written((event) => (event.type === type ? { ...event, meta: { ...event.meta, v: 99 } } : event));
    const count = log.filter((event) => event.type === type).length;
    expect(await verified(events)).toMatchObject({ findings: 0, unjudged: [{ type, version: 99, events: count }] });
  });

  test('data that its type never had is a finding, whatever its hash', async () => {
    const target = at(place());
    const events = written((event) => (named(event) === named(target) ? { ...event, data: { odd: 1 } } : event));
    const { named: found, unjudged } = await verified(events);
    expect(found).toMatchObject([{ check: 'shape', event: { stream: at(place()).stream } }]);
    expect(unjudged).toEqual([]);
  });
});
