import type { MonitorPolicy, UrlCheck } from '../../../domain/policy/project-policy';
import { plainLine, plainText } from '../../../domain/staging/plain-text';
import type { Clock } from '../../ports/clock';
import type { HealthProbe } from '../../ports/health-probe';
import type { SagaContext } from '../saga';
import { commandText } from '../suite-run';
import type { Poll } from './poll';

export interface UrlPollDeps {
  readonly probe: HealthProbe;
  readonly clock: Clock;
}

/** Of the start of a body. */
const SEEN_CHARS = 200;

/** Asks the URL. What does not answer as it should, in time, is a bad poll; what this machine could not do is thrown by the port. */
export async function urlPoll(
  { probe, clock }: UrlPollDeps,
  { signal, switches }: SagaContext,
  { check, timeoutMs }: { readonly check: UrlCheck; readonly timeoutMs: number },
): Promise<Poll> {
  if (!switches.postDeployMonitor) return { kind: 'unwanted' };
  const beganMs = clock.monotonic();
  const found = await probe.probe({ url: check.url, timeoutMs, signal });
  const tookMs = Math.round(clock.monotonic() - beganMs);
  const polled = { kind: 'polled', run: null, environmentDigest: null } as const;
  switch (found.kind) {
    case 'aborted':
      return { kind: 'abandoned' };
    case 'no-answer':
      return { ...polled, ok: false, seen: `${found.detail}, after ${tookMs} ms`, tail: '' };
    case 'answered': {
      const { status, text } = found;
      const ok = isGood(check, status);
      const line = plainLine(text, SEEN_CHARS);
      const said = ok || line === '' ? '' : `: ${line}`;
      const note = !ok && status >= 300 && status < 400 ? ' (a redirect, which is not followed)' : '';
      return { ...polled, ok, seen: `status ${status}${note} after ${tookMs} ms${said}`, tail: plainText(text) };
    }
  }
}

/** A query may hold what nobody else is to read. */
export function askedText(check: MonitorPolicy['check']): string {
  if (check.kind === 'command') return commandText(check.command);
  const { origin, pathname, search } = new URL(check.url);
  return `GET ${origin}${pathname}${search === '' ? '' : '?…'}`;
}

function isGood({ expect }: UrlCheck, status: number): boolean {
  return expect ? expect.includes(status) : status >= 200 && status < 300;
}
