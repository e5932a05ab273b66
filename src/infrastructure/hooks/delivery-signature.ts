import { createHmac, timingSafeEqual } from 'node:crypto';
import type { IncomingHttpHeaders } from 'node:http';
import type { HookSource } from '../../domain/hooks/hook-sources';
import { headerIn, SOURCE_HEADERS } from './delivery-headers';
import { isStandardSigned, STANDARD_HEADERS, standardKey } from './standard-webhooks';

const HEX = /^[0-9a-f]{64}$/;
/** GitHub writes the name of the hash before it. */
const PREFIXES = { github: 'sha256=', gitea: '', plane: '' } as const;

/**
 * Whether the bytes were signed with one of the secrets. Of none, as of an unknown project, it takes about as long to say no.
 *
 * @param nowMs what a clock on the wall says; only `generic` signs when it was sent.
 */
export function isSignedDelivery(
  source: HookSource,
  secrets: readonly string[],
  { headers, body }: { readonly headers: IncomingHttpHeaders; readonly body: Uint8Array },
  nowMs: number,
): boolean {
  const known = secrets.length > 0;
  const keys = known ? secrets : [NOBODYS];
  const signature = headerIn(headers, SOURCE_HEADERS[source].signature);
  if (source === 'generic') {
    const message = {
      id: headerIn(headers, STANDARD_HEADERS.id),
      timestamp: headerIn(headers, STANDARD_HEADERS.timestamp),
      body,
    };
    return isStandardSigned(keys.flatMap(standardKeys), signature, message, nowMs) && known;
  }
  const prefix = PREFIXES[source];
  const given = signature.startsWith(prefix) ? signature.slice(prefix.length) : '';
  return isHexSigned(keys, given, body) && known;
}

const NOBODYS = 'nobody has this secret, and nobody is let in by it';

function standardKeys(secret: string): readonly Buffer[] {
  const key = standardKey(secret);
  return key === null ? [] : [key];
}

/** Every secret is tried, so that the time it takes does not say which one fits. */
function isHexSigned(secrets: readonly string[], given: string, body: Uint8Array): boolean {
  const isHex = HEX.test(given);
  const bytes = isHex ? Buffer.from(given, 'hex') : Buffer.alloc(32);
  const fits = secrets.filter((secret) => timingSafeEqual(createHmac('sha256', secret).update(body).digest(), bytes));
  return isHex && fits.length > 0;
}
