import type { AlertSinkSettings } from '../../alerts/alert-settings';
import type { SecretPlace } from '../../secrets/secret-place';

/** A sink as the file spells it. */
export interface RawSink {
  readonly kind: AlertSinkSettings['kind'];
  readonly url?: string;
  readonly urlFrom?: SecretPlace;
  readonly secrets?: readonly SecretPlace[];
  readonly from?: string;
  readonly to?: readonly string[];
  readonly user?: string;
  readonly password?: SecretPlace;
  readonly allow?: readonly string[];
  readonly projects?: readonly string[];
  readonly severities?: readonly ('warning' | 'critical')[];
}

export interface RawAlerts {
  readonly sinks?: Readonly<Record<string, RawSink>>;
}
