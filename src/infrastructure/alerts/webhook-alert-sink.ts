import type { AlertMessage } from '../../application/ports/alert-sink';
import { CLOUD_EVENT_TYPE_PREFIX } from '../../domain/published/cloud-event';
import { STANDARD_HEADERS, standardKey, standardSignature } from '../hooks/standard-webhooks';
import type { SecretPlace } from '../secrets/secret-place';
import { HttpAlertSink, type HttpSinkDeps, type HttpSinkSettings } from './http-alert-sink';
import { linkOf } from './runbook-link';
import { secretOf } from './secret';

/** CloudEvents under a signature of Standard Webhooks. Both are the receiver's to check. */
export class WebhookAlertSink extends HttpAlertSink {
  constructor(
    settings: HttpSinkSettings,
    private readonly secrets: readonly SecretPlace[],
    deps: HttpSinkDeps,
  ) {
    super(settings, deps);
  }

  protected bodyOf({ key, severity, title, detail, task, project, at }: AlertMessage): string {
    return JSON.stringify({
      specversion: '1.0',
      id: webhookId(key),
      source: `urn:stagegate:project:${project}`,
      type: `${CLOUD_EVENT_TYPE_PREFIX}AlertRaised`,
      subject: task,
      time: at,
      datacontenttype: 'application/json',
      project,
      data: { key, severity, title, detail, task, project, ...linkOf({ title }) },
    });
  }

  /** While a secret is rotated both are named, and there are two signatures. */
  protected async headersOf({ key }: AlertMessage, body: string): Promise<Readonly<Record<string, string>>> {
    const id = webhookId(key);
    const timestamp = String(Math.floor(this.deps.nowMs() / 1000));
    const signatures = this.secrets.map((place) => {
      const signer = standardKey(secretOf(place, this.deps.environment));
      if (!signer) throw new Error(`${this.name}: expected a secret in base64, with or without whsec_ before it`);
      return standardSignature(signer, { id, timestamp, body });
    });
    return {
      'content-type': 'application/cloudevents+json; charset=utf-8',
      [STANDARD_HEADERS.id]: id,
      [STANDARD_HEADERS.timestamp]: timestamp,
      [STANDARD_HEADERS.signature]: signatures.join(' '),
    };
  }
}

/** The key of the incident, without the full stop that separates what is signed. No task or project has a slash in its name. */
export function webhookId(key: string): string {
  return key.replaceAll('.', '/');
}
