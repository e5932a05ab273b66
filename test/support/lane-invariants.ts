import type { StoredEvent } from '../../src/application/ports/event-store';
import type { LaneEvent } from '../../src/domain/lane/lane.events';
import { recorded } from './recorded';
import type { Violation } from './violation';

export function checkLane(stream: string, events: readonly StoredEvent[]): Violation[] {
  let holder: string | null = null;
  return events.flatMap((stored): Violation[] => {
    const event = recorded<LaneEvent>(stored);
    const { revision } = stored;
    if (event.type === 'LaneGranted') {
      const detail = holder === null ? null : `granted while ${holder} is open`;
      holder = String(revision);
      return detail ? [{ invariant: 'I1', stream, revision, detail }] : [];
    }
    if (event.type !== 'LaneReleased' && event.type !== 'LaneReaped') return [];
    const isOpen = holder === event.data.epoch;
    if (isOpen) holder = null;
    return isOpen
      ? []
      : [
          {
            invariant: 'I3',
            stream,
            revision,
            detail: `${event.type} cites ${event.data.epoch}, open is ${String(holder)}`,
          },
        ];
  });
}
