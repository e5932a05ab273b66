import { Feed } from '../../../src/application/subscribers/feed';
import type { StoredEvent } from '../../../src/application/ports/event-store';

const position = (at: bigint) => ({ commit: at, prepare: at });
const event = (at: bigint) => ({ stream: 'task-web.1', revision: at, position: position(at) }) as StoredEvent;

test('of events that are told late, none is behind a checkpoint that another process has set further on', () => {
  const feed = new Feed(position(0n), () => true);
  feed.add(event(1n));
  expect(feed.after(position(0n), () => false)).toEqual({ events: [], last: event(1n), count: 1 });
  expect(feed.after(position(1n), () => false)?.last).toBeNull();
  expect(feed.after(position(2n), () => false)?.last).toBeNull();
});
