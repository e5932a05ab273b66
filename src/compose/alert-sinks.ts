import type { AlertSink } from '../application/ports/alert-sink';
import type { Log } from '../application/ports/log';
import { LogAlertSink } from '../infrastructure/alerts/log-alert-sink';
import type { ServiceConfig } from '../infrastructure/config/service-config';

/** Where the alerts of a service go. One that is added begins where the log ends then. */
export function alertSinks(_config: ServiceConfig, out: Log): readonly AlertSink[] {
  return [new LogAlertSink(out)];
}
