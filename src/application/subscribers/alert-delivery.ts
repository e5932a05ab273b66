import { DELIVERY_PREFIXES, parseTaskId, TASK_STREAM_PREFIX, taskIn } from '../../domain/ids';
import { instant } from '../../domain/instant';
import type { AlertMessage, AlertSink } from '../ports/alert-sink';
import type { StoredEvent } from '../ports/event-store';
import { readTaskEvent } from '../read-events';
import { BatchHandler, type Batch } from './batch-handler';
import { deliverAlerts } from './deliver-alerts';

/** Sends every alert to one sink. Each sink is a subscriber of its own: one that is down holds up no other. */
export class AlertDelivery extends BatchHandler {
  readonly name: string;
  readonly prefix = TASK_STREAM_PREFIX;

  constructor(private readonly sink: AlertSink) {
    super();
    this.name = DELIVERY_PREFIXES[0] + sink.name;
  }

  wants({ type }: Pick<StoredEvent, 'type'>): boolean {
    return type === 'AlertRaised';
  }

  handle(batch: Batch): Promise<void> {
    return deliverAlerts(this.sink, batch, messageOf);
  }
}

function messageOf(stored: StoredEvent): AlertMessage | null {
  const event = readTaskEvent(stored);
  if (event.type !== 'AlertRaised') return null;
  const task = taskIn(stored.stream);
  const project = parseTaskId(task)?.project ?? '';
  return { ...event.data, task, project, at: instant(stored.recordedAt.getTime()) };
}
