import { RecentEvents } from '../../../src/infrastructure/event-stores/recent-events';
import { validateAppend } from '../../../src/infrastructure/event-stores/validate-append';
import { events } from '../../contract/support/events';

const AT = new Date('2026-01-02T03:04:05.678Z');
const EVERY = { prefixes: ['task-'], limit: 1_000 };
const place = (commit: bigint) => ({ commit, prepare: commit });

let recent: RecentEvents;

/** An append of so many events that was stored with its last at that position. */
function keep(count: number, position: bigint, stream = 'task-a'): void {
  const append = validateAppend(stream, 'no-stream', events(count));
  recent.keep([append], [{ status: 'ok', revision: BigInt(count) - 1n, position, recordedAt: AT }]);
}

const positionsAfter = (commit: bigint, options: object = {}) => {
  const page = recent.pageAfter({ ...EVERY, after: place(commit), ...options });
  return page && { at: page.events.map(({ position }) => position.commit), next: page.next.commit, end: page.end };
};

beforeEach(() => {
  recent = new RecentEvents();
});

describe('what a process has appended itself', () => {
  it('is what its followers get, from where they are', () => {
    keep(2, 2n);
    keep(1, 3n);
    expect(positionsAfter(0n)).toEqual({ at: [1n, 2n, 3n], next: 3n, end: true });
    expect(positionsAfter(2n)).toEqual({ at: [3n], next: 3n, end: true });
    const [first] = recent.pageAfter({ ...EVERY, after: place(0n) })?.events ?? [];
    expect(first).toMatchObject({ stream: 'task-a', revision: 0n, position: place(1n), recordedAt: AT });
  });

  it('comes in pages, and without what nobody asked for', () => {
    keep(2, 2n, 'lane-a');
    keep(3, 5n);
    expect(positionsAfter(0n, { limit: 2 })).toEqual({ at: [3n, 4n], next: 4n, end: false });
    expect(positionsAfter(0n, { prefixes: ['other-'] })).toEqual({ at: [], next: 5n, end: true });
  });

  it('is no answer for whoever is at the end, behind the beginning, or was told of others', () => {
    expect(positionsAfter(0n)).toBeNull();
    keep(2, 12n);
    expect(positionsAfter(9n)).toBeNull();
    expect(positionsAfter(10n)).toMatchObject({ at: [11n, 12n] });
    expect(positionsAfter(12n)).toBeNull();
    expect(positionsAfter(13n)).toBeNull();
    recent.forget();
    expect(positionsAfter(10n)).toBeNull();
  });

  it('begins anew behind a gap that others filled', () => {
    keep(2, 2n);
    keep(1, 4n);
    expect(positionsAfter(0n)).toBeNull();
    expect(positionsAfter(2n)).toBeNull();
    expect(positionsAfter(3n)).toMatchObject({ at: [4n] });
  });

  it('leaves out what was not stored', () => {
    const append = validateAppend('task-a', 'no-stream', events(1));
    recent.keep(
      [append, append],
      [
        { status: 'conflict', actual: 'no-stream' },
        { status: 'duplicate', revision: 0n, position: 1n },
      ],
    );
    expect(positionsAfter(0n)).toBeNull();
  });

  it('is kept within bounds: the newest part of it', () => {
    for (let last = 500n; last <= 20_000n; last += 500n) keep(500, last);
    expect(positionsAfter(0n)).toBeNull();
    expect(positionsAfter(19_500n, { limit: 5_000 })).toMatchObject({ next: 20_000n, end: true });
  });
});
