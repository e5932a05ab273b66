import { AlertSink, type AlertMessage } from '../../application/ports/alert-sink';
import { linkOf } from './runbook-link';
import type { Logger } from '../../application/ports/logger';

/** An operator's log is read forward; an incident older than this many others may well be said again. */
const REMEMBERED_KEYS = 10_000;

/** Writes each incident as one log line; a repeated key was said already. */
export class LoggerAlertSink extends AlertSink {
  readonly name = 'log';
  private readonly said = new Set<string>();

  constructor(private readonly logger: Logger) {
    super();
  }

  send(alert: AlertMessage): Promise<string> {
    if (!this.said.has(alert.key)) this.say(alert);
    return Promise.resolve('written to the log');
  }

  private say(alert: AlertMessage): void {
    this.remember(alert.key);
    const { key, severity, task, detail } = alert;
    const fields = { alert: key, severity, task, detail, ...linkOf(alert) };
    if (alert.severity === 'critical') this.logger.error(alert.title, fields);
    else this.logger.warn(alert.title, fields);
  }

  /** A set keeps the order of insertion: its first key is the oldest. */
  private remember(key: string): void {
    this.said.add(key);
    if (this.said.size <= REMEMBERED_KEYS) return;
    for (const oldest of this.said) {
      this.said.delete(oldest);
      return;
    }
  }
}
