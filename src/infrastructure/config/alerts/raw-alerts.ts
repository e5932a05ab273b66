import type { AlertSinkSettings, SecretSource } from '../../alerts/alert-settings';

/** A sink as the file spells it. */
export interface RawSink {
  readonly kind: AlertSinkSettings['kind'];
  readonly url?: string;
  readonly urlFrom?: SecretSource;
  readonly secrets?: readonly SecretSource[];
  readonly allow?: readonly string[];
  readonly projects?: readonly string[];
  readonly severities?: readonly ('warning' | 'critical')[];
}

export interface RawAlerts {
  readonly sinks?: Readonly<Record<string, RawSink>>;
}
