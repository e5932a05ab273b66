import { DELIVERY_PREFIXES, LANE_STREAM_PREFIX } from '../../domain/ids';
import { instant } from '../../domain/instant';
import { lanePausedAlert } from '../../domain/lane/pause-words';
import type { AlertMessage, AlertSink } from '../ports/alert-sink';
import type { StoredEvent } from '../ports/event-store';
import { readLaneEvent } from '../read-events';
import { BatchHandler, type Batch } from './batch-handler';
import { deliverAlerts } from './deliver-alerts';

/** Tells one sink of every lane that is paused: the event is the alert, so there is one for each incident. */
export class LaneAlertDelivery extends BatchHandler {
  readonly name: string;
  readonly prefix = LANE_STREAM_PREFIX;

  constructor(private readonly sink: AlertSink) {
    super();
    this.name = DELIVERY_PREFIXES[1] + sink.name;
  }

  wants({ type }: Pick<StoredEvent, 'type'>): boolean {
    return type === 'LanePaused';
  }

  handle(batch: Batch): Promise<void> {
    return deliverAlerts(this.sink, batch, messageOf);
  }
}

function messageOf(stored: StoredEvent): AlertMessage | null {
  const event = readLaneEvent(stored);
  if (event.type !== 'LanePaused') return null;
  const project = stored.stream.slice(LANE_STREAM_PREFIX.length);
  const paused = lanePausedAlert(project, event.data, String(stored.revision));
  return { ...paused, task: event.data.taskId, project, at: instant(stored.recordedAt.getTime()) };
}
