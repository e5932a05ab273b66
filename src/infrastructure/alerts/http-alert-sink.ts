import { AlertSink, type AlertMessage } from '../../application/ports/alert-sink';
import type { Environment } from '../config/environment';
import { guardedPost } from '../outbound/guarded-post';
import { hostOf, type Resolve } from '../outbound/guarded-lookup';
import type { SecretPlace } from '../secrets/secret-place';
import { isFor, type AlertRoute } from './alert-settings';
import { sinkUrl } from './sink-url';

export interface HttpSinkDeps {
  readonly environment: Environment;
  /** Another one in tests. */
  readonly resolve?: Resolve;
  readonly nowMs: () => number;
  readonly timeoutMs?: number;
}

export interface HttpSinkSettings {
  readonly name: string;
  readonly route: AlertRoute;
  readonly url: string | SecretPlace;
  readonly allowed: readonly string[];
}

/** Less than the time of a batch, which would be over without a word of why. */
const TIMEOUT_MS = 10_000;

/** Posts each alert to one URL. */
export abstract class HttpAlertSink extends AlertSink {
  readonly name: string;
  override readonly takes = (alert: AlertMessage): boolean => isFor(this.settings.route, alert);

  constructor(
    private readonly settings: HttpSinkSettings,
    protected readonly deps: HttpSinkDeps,
  ) {
    super();
    this.name = settings.name;
  }

  async send(alert: AlertMessage, signal: AbortSignal): Promise<string> {
    const { allowed } = this.settings;
    const { timeoutMs = TIMEOUT_MS, resolve } = this.deps;
    const url = sinkUrl(this.settings, ['https:', 'http:'], this.deps.environment);
    if (url.protocol !== 'https:' && !allowed.includes(hostOf(url)))
      throw new Error(
        `${url.host}: expected https, saw ${url.protocol.slice(0, -1)}; if it is yours, name it under allow`,
      );
    const body = this.bodyOf(alert);
    const headers = await this.headersOf(alert, body);
    return guardedPost({ url, headers, body, allowed, signal, timeoutMs, resolve });
  }

  protected abstract bodyOf(alert: AlertMessage): string;
  protected abstract headersOf(alert: AlertMessage, body: string): Promise<Readonly<Record<string, string>>>;
}
