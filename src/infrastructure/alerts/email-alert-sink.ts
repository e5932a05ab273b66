import type * as Nodemailer from 'nodemailer';
import { AlertSink, RefusedForGood, type AlertMessage } from '../../application/ports/alert-sink';
import type { Environment } from '../config/environment';
import { reachOf } from '../outbound/addresses';
import { guardedConnect } from '../outbound/guarded-connect';
import { hostOf, type Resolve } from '../outbound/guarded-lookup';
import type { SecretPlace } from '../secrets/secret-place';
import { isFor, type AlertRoute } from './alert-settings';
import { mailOf } from './email-text';
import { secretOf } from './secret';
import { sinkUrl } from './sink-url';

export interface EmailSettings {
  readonly name: string;
  readonly route: AlertRoute;
  readonly url: string | SecretPlace;
  readonly allowed: readonly string[];
  readonly from: string;
  readonly to: readonly string[];
  /** Null where the server asks for none. */
  readonly login: { readonly user: string; readonly password: SecretPlace } | null;
}

export interface EmailDeps {
  readonly environment: Environment;
  readonly resolve?: Resolve;
  readonly timeoutMs?: number;
  /** Who is believed beside those whom Node believes, and who is spoken to without TLS; others in tests. */
  readonly ca?: string;
  readonly isHere?: (address: string) => boolean;
}

/** For all of it. Less than the time of a batch, which would be over without a word of why. */
const TIMEOUT_MS = 10_000;
/** Longer is no answer of a mail server. */
const MOST_BYTES = 64 * 1024;
const PORTS = { 'smtp:': 587, 'smtps:': 465 } as const;

/** Mails each alert to a list of addresses, over a connection of its own. */
export class EmailAlertSink extends AlertSink {
  readonly name: string;
  override readonly takes = (alert: AlertMessage): boolean => isFor(this.settings.route, alert);

  constructor(
    private readonly settings: EmailSettings,
    private readonly deps: EmailDeps,
  ) {
    super();
    this.name = settings.name;
  }

  async send(alert: AlertMessage, signal: AbortSignal): Promise<string> {
    const { settings, deps } = this;
    const url = sinkUrl(settings, Object.keys(PORTS), deps.environment);
    const late = new AbortController();
    const limit = setTimeout(() => {
      late.abort();
    }, this.timeoutMs);
    const either = AbortSignal.any([signal, late.signal]);
    try {
      return await this.mail(alert, url, either);
    } catch (error) {
      throw faultOf(error, url, either);
    } finally {
      clearTimeout(limit);
    }
  }

  private get timeoutMs(): number {
    return this.deps.timeoutMs ?? TIMEOUT_MS;
  }

  private async mail(alert: AlertMessage, url: URL, signal: AbortSignal): Promise<string> {
    const { allowed, from, to, login } = this.settings;
    const port = url.port === '' ? PORTS[url.protocol as keyof typeof PORTS] : Number(url.port);
    const auth = login && { user: login.user, pass: secretOf(login.password, this.deps.environment) };
    // Loaded by whoever sends mail, and before anybody is connected to: nothing that is said meanwhile may be missed.
    // eslint-disable-next-line @typescript-eslint/no-require-imports -- the program is one file, in which a dynamic import finds no package
    const { createTransport } = require('nodemailer') as typeof Nodemailer;
    const connection = await guardedConnect({ url, port, allowed, signal, resolve: this.deps.resolve });
    try {
      const { ca, isHere = (address: string) => reachOf(address) === 'loopback' } = this.deps;
      const secure = url.protocol === 'smtps:';
      const transport = createTransport({
        host: hostOf(url),
        port,
        connection,
        secure,
        // Nothing beyond this machine gets a password or an alert that somebody in between could read.
        ...(isHere(connection.remoteAddress ?? '') ? { ignoreTLS: true } : { requireTLS: !secure }),
        ...(auth && { auth }),
        ...(ca !== undefined && { tls: { ca } }),
        maxResponseSize: MOST_BYTES,
        greetingTimeout: this.timeoutMs,
        socketTimeout: this.timeoutMs,
        disableFileAccess: true,
        disableUrlAccess: true,
      });
      const { response, rejected } = (await transport.sendMail(mailOf(alert, from, to))) as Sent;
      const refused = rejected.length === 0 ? '' : `; refused for ${rejected.length} of ${to.length}`;
      return `${response}${refused}`;
    } finally {
      connection.destroy();
    }
  }
}

/** What nodemailer says of a mail that was sent. */
interface Sent {
  readonly response: string;
  readonly rejected: readonly unknown[];
}

/** What nodemailer throws. */
interface MailFault extends Error {
  readonly code?: string;
  /** Of the server, where it has said one. */
  readonly responseCode?: number;
  readonly response?: string;
}

function faultOf(error: unknown, { host, protocol }: URL, signal: AbortSignal): Error {
  const { message, code, responseCode, response } = error as MailFault;
  if (message.startsWith(`${host}: `)) return error as Error;
  const why = signal.aborted
    ? 'nothing in time'
    : (response ?? (code === undefined ? message : `${code} (${message})`));
  const text = `${host}: expected ${protocol === 'smtps:' ? 'a mail server by TLS' : 'a mail server'} to take it, saw ${why}`;
  return isFinal(code, responseCode) ? new RefusedForGood(text) : new Error(text);
}

/** It is this mail that is refused, and not who sends it: a login can be put right while it is tried again. */
function isFinal(code: string | undefined, responseCode = 0): boolean {
  return responseCode >= 500 && (code === 'EENVELOPE' || code === 'EMESSAGE');
}
