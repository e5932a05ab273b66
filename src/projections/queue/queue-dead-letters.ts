import { DeadLetters, type DeadLetter, type DeadLettersAsked } from '../../application/ports/dead-letters';
import type { ReadModels } from '../read-models';
import type { QueueDelivery } from './projectors/queue-delivery.projector';
import { QUEUE, QUEUE_DELIVERY } from './queue.projection';

/** Dead letters from the queue. */
export class QueueDeadLetters extends DeadLetters {
  /** @param catchUp brings the queue to the head. */
  constructor(
    private readonly models: ReadModels,
    private readonly catchUp: () => Promise<unknown>,
  ) {
    super();
  }

  async find({ sink, alert }: DeadLettersAsked, limit: number): Promise<readonly DeadLetter[]> {
    await this.catchUp();
    return this.models.read(QUEUE, async (snapshot) => {
      let rows = snapshot.rows<QueueDelivery & { key: string }>(QUEUE_DELIVERY.name).where('unsent', '=', 'dead');
      if (sink !== null) rows = rows.where('sink', '=', sink);
      if (alert !== null) rows = rows.where('alert', '=', alert);
      const found = await rows.selectAll().orderBy('firstAt').orderBy('key').limit(limit).execute();
      return found.map(({ stream, revision, ...row }) => ({
        sink: row.sink,
        alert: row.alert,
        project: row.project,
        subscriber: row.subscriber,
        event: { stream, revision },
      }));
    });
  }
}
