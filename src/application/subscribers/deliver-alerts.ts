import { RefusedForGood, type AlertMessage, type AlertSink } from '../ports/alert-sink';
import type { StoredEvent } from '../ports/event-store';
import { withoutSecrets } from '../secrets';
import type { Batch } from './batch-handler';

/**
 * Sends a batch to a sink, one after another. One that fails is set aside, and the rest of the batch comes again at once: a sink that
 * says nothing has its time for one alert, not for all of them.
 *
 * @param messageOf null for what asks for nothing: what cannot be read is told where its stream is.
 */
export async function deliverAlerts(
  sink: AlertSink,
  batch: Batch,
  messageOf: (stored: StoredEvent) => AlertMessage | null,
): Promise<void> {
  for (const stored of batch.events) {
    const alert = messageOf(stored);
    if (!alert || !sink.takes(alert)) {
      batch.done(stored);
      continue;
    }
    if (!batch.hasTime()) {
      batch.rest();
      return;
    }
    if (!(await isThrough(sink, batch, stored, alert))) return;
  }
}

async function isThrough(sink: AlertSink, batch: Batch, stored: StoredEvent, alert: AlertMessage): Promise<boolean> {
  try {
    batch.delivered(stored, alert.key, await sink.send(alert, batch.signal));
    return true;
  } catch (error) {
    // Cut off, and no fault of the sink.
    if (batch.signal.aborted) throw error;
    const answer = withoutSecrets(error instanceof Error ? error.message : String(error));
    const isFinal = error instanceof RefusedForGood;
    if (isFinal) batch.refused(stored, alert.key, answer);
    else batch.later(stored, alert.key, answer);
    return isFinal;
  }
}
