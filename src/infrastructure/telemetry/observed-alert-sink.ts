import { AlertSink, type AlertMessage } from '../../application/ports/alert-sink';
import type { Telemetry } from '../../application/ports/telemetry';

/** A sink whose deliveries are told to whoever watches. */
export class ObservedAlertSink extends AlertSink {
  override readonly takes: AlertSink['takes'];

  constructor(
    private readonly sink: AlertSink,
    private readonly telemetry: Telemetry,
  ) {
    super();
    this.takes = (alert) => sink.takes(alert);
  }

  get name(): string {
    return this.sink.name;
  }

  send(alert: AlertMessage, signal: AbortSignal): Promise<string> {
    const facts = { sink: this.name, project: alert.project, severity: alert.severity };
    return this.telemetry.step('delivery', facts, async (note) => {
      const answer = await this.sink.send(alert, signal);
      note({ outcome: 'delivered' });
      return answer;
    });
  }
}
