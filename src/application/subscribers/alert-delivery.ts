import { parseTaskId, TASK_STREAM_PREFIX, taskIn } from '../../domain/ids';
import { instant } from '../../domain/instant';
import type { AlertSink } from '../ports/alert-sink';
import type { StoredEvent } from '../ports/event-store';
import { readTaskEvent } from '../read-events';
import { BatchHandler, type Batch } from './batch-handler';

/** Sends every alert to one sink. Each sink is a subscriber of its own: one that is down holds up no other. */
export class AlertDelivery extends BatchHandler {
  readonly name: string;
  readonly prefix = TASK_STREAM_PREFIX;

  constructor(private readonly sink: AlertSink) {
    super();
    this.name = `alerts.${sink.name}`;
  }

  wants({ type }: Pick<StoredEvent, 'type'>): boolean {
    return type === 'AlertRaised';
  }

  async handle({ events, signal, done }: Batch): Promise<void> {
    for (const stored of events) {
      const event = readTaskEvent(stored);
      // What cannot be read is told where its task is: there is nothing to send.
      if (event.type !== 'AlertRaised') continue;
      const task = taskIn(stored.stream);
      const project = parseTaskId(task)?.project ?? '';
      const alert = { ...event.data, task, project, at: instant(stored.recordedAt.getTime()) };
      if (!this.sink.takes(alert)) continue;
      await this.sink.send(alert, signal);
      done(stored, alert.key);
    }
  }
}
