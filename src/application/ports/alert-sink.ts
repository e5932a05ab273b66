export interface AlertMessage {
  readonly key: string;
  readonly severity: 'warning' | 'critical';
  readonly title: string;
  readonly detail: string;
  readonly task: string;
}

/** Where alerts go. A receiver that drops repeated keys sees each incident once. */
export abstract class AlertSink {
  abstract send(alert: AlertMessage): void;
}
