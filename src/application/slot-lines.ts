import type { TaskId } from '../domain/ids';
import type { Instant } from '../domain/instant';

/** How many stand before each task that waits for a slot. */
export type SlotPlaces = ReadonlyMap<TaskId, number>;

/** What this process knows of the lines for its slots, for whoever shows it: slots are no part of the log. */
export class SlotLines {
  private ask: (now: Instant) => SlotPlaces = () => new Map();

  follow(ask: (now: Instant) => SlotPlaces): void {
    this.ask = ask;
  }

  places(now: Instant): SlotPlaces {
    return this.ask(now);
  }
}
