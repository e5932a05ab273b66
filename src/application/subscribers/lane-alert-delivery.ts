import { LANE_STREAM_PREFIX } from '../../domain/ids';
import { instant } from '../../domain/instant';
import { lanePausedAlert } from '../../domain/lane/pause-words';
import type { AlertSink } from '../ports/alert-sink';
import type { StoredEvent } from '../ports/event-store';
import { readLaneEvent } from '../read-events';
import { BatchHandler, type Batch } from './batch-handler';

/** Tells one sink of every lane that is paused: the event is the alert, so there is one for each incident. */
export class LaneAlertDelivery extends BatchHandler {
  readonly name: string;
  readonly prefix = LANE_STREAM_PREFIX;

  constructor(private readonly sink: AlertSink) {
    super();
    this.name = `lane-alerts.${sink.name}`;
  }

  wants({ type }: Pick<StoredEvent, 'type'>): boolean {
    return type === 'LanePaused';
  }

  async handle({ events, signal, done }: Batch): Promise<void> {
    for (const stored of events) {
      const event = readLaneEvent(stored);
      if (event.type !== 'LanePaused') continue;
      const project = stored.stream.slice(LANE_STREAM_PREFIX.length);
      const paused = lanePausedAlert(project, event.data, String(stored.revision));
      const at = instant(stored.recordedAt.getTime());
      const alert = { ...paused, task: event.data.taskId, project, at };
      if (!this.sink.takes(alert)) continue;
      await this.sink.send(alert, signal);
      done(stored, alert.key);
    }
  }
}
