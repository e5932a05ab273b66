import type { AlertSink } from '../application/ports/alert-sink';
import type { Logger } from '../application/ports/logger';
import { LoggerAlertSink } from '../infrastructure/alerts/logger-alert-sink';
import type { ServiceConfig } from '../infrastructure/config/service-config';

/** Where the alerts of a service go. One that is added begins where the log ends then. */
export function alertSinks(_config: ServiceConfig, logger: Logger): readonly AlertSink[] {
  return [new LoggerAlertSink(logger)];
}
