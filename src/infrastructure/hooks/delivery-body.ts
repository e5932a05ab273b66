import { isUtf8 } from 'node:buffer';
import type { IncomingHttpHeaders } from 'node:http';
import { isObject } from '../../domain/shape';
import type { HookSource } from '../../domain/hooks/hook-sources';
import { headerIn, SOURCE_HEADERS } from './delivery-headers';

const FORM = /^application\/x-www-form-urlencoded(?:;|$)/i;
const EVENT = /^[A-Za-z0-9_.-]{1,100}$/;

/** @returns what was sent, as JSON has it; GitHub and Gitea can send it in a form. Undefined for what is no JSON. */
export function payloadOf(headers: IncomingHttpHeaders, body: Uint8Array): unknown {
  if (!isUtf8(body)) return undefined;
  const text = Buffer.from(body).toString('utf8');
  const json = FORM.test(headerIn(headers, 'content-type')) ? new URLSearchParams(text).get('payload') : text;
  try {
    return JSON.parse(json ?? '') as unknown;
  } catch {
    // Whoever calls says what was expected.
    return undefined;
  }
}

/** @returns empty for what no source calls an event. */
export function eventOf(source: HookSource, headers: IncomingHttpHeaders, payload: unknown): string {
  const { event } = SOURCE_HEADERS[source];
  const said = event === null ? typeIn(payload) : headerIn(headers, event);
  return typeof said === 'string' && EVENT.test(said) ? said : '';
}

function typeIn(payload: unknown): unknown {
  return isObject(payload) && Object.hasOwn(payload, 'type') ? payload['type'] : undefined;
}
