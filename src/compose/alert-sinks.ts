import type { AlertSink } from '../application/ports/alert-sink';
import type { Logger } from '../application/ports/logger';
import type { AlertSettings, AlertSinkSettings } from '../infrastructure/alerts/alert-settings';
import type { HttpSinkDeps } from '../infrastructure/alerts/http-alert-sink';
import { EmailAlertSink } from '../infrastructure/alerts/email-alert-sink';
import { LoggerAlertSink } from '../infrastructure/alerts/logger-alert-sink';
import { SlackAlertSink } from '../infrastructure/alerts/slack-alert-sink';
import { WebhookAlertSink } from '../infrastructure/alerts/webhook-alert-sink';
import { processEnvironment } from '../infrastructure/config/environment';

/** Where the alerts of a service go. One that is added begins where the log ends then. */
export function alertSinks({ sinks }: Pick<AlertSettings, 'sinks'>, logger: Logger): readonly AlertSink[] {
  const deps = { environment: processEnvironment(), nowMs: () => Date.now() };
  return [new LoggerAlertSink(logger), ...sinks.map((settings) => sinkOf(settings, deps))];
}

export function sinkOf(settings: AlertSinkSettings, deps: HttpSinkDeps): AlertSink {
  switch (settings.kind) {
    case 'webhook':
      return new WebhookAlertSink(settings, settings.secrets, deps);
    case 'slack':
      return new SlackAlertSink(settings, deps);
    case 'email':
      return new EmailAlertSink(settings, deps);
  }
}
