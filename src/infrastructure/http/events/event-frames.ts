import type { PublishedEvent } from '../../../application/event-feed/published-event';

/** When a reader that has lost its connection comes back. */
export const RETRY_MS = 3_000;
export const FIRST_FRAME = `retry: ${RETRY_MS}\n\n`;
/** Readers pass over a comment. */
export const HEARTBEAT_FRAME = ': heartbeat\n\n';

const frames = new WeakMap<PublishedEvent, Buffer>();

/** Made once for everybody who gets the event. */
export function eventFrame(event: PublishedEvent): Buffer {
  const known = frames.get(event);
  if (known) return known;
  const frame = Buffer.from(`id: ${event.place}\nevent: ${event.type}\ndata: ${event.json}\n\n`);
  frames.set(event, frame);
  return frame;
}

/** No event, and nothing that a reader is told: from where it goes on when it comes back. */
export function placeFrame(place: string): string {
  return `id: ${place}\n\n`;
}
