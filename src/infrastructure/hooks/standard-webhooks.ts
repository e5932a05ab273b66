import { createHmac, timingSafeEqual } from 'node:crypto';

/** Source: Standard Webhooks 1.0.0, "Signature scheme" and "Verifying signatures", https://www.standardwebhooks.com. */
export interface StandardMessage {
  readonly id: string;
  /** Seconds since 1970, as the header has them. */
  readonly timestamp: string;
  readonly body: string | Uint8Array;
}

export const STANDARD_HEADERS = {
  id: 'webhook-id',
  timestamp: 'webhook-timestamp',
  signature: 'webhook-signature',
} as const;

/** How far the clocks of the two may be apart. */
export const STANDARD_TOLERANCE_S = 300;

const PREFIX = 'whsec_';
const VERSION = 'v1';
const BASE64 = /^[A-Za-z0-9+/]+={0,2}$/;
const SECONDS = /^\d{1,12}$/;
/** Some for a rotation, and no work without end. */
const MOST_SIGNATURES = 10;

/** The key in a secret: base64, with or without `whsec_` before it. @returns null for what is none. */
export function standardKey(secret: string): Buffer | null {
  const text = secret.startsWith(PREFIX) ? secret.slice(PREFIX.length) : secret;
  return BASE64.test(text) ? Buffer.from(text, 'base64') : null;
}

/** One signature as the header has it; those of several secrets stand there side by side, with a space between them. */
export function standardSignature(key: Uint8Array, message: StandardMessage): string {
  return `${VERSION},${macOf(key, message).toString('base64')}`;
}

/** @param nowMs what a clock on the wall says. */
export function isStandardSigned(
  keys: readonly Uint8Array[],
  signatures: string,
  message: StandardMessage,
  nowMs: number,
): boolean {
  if (!SECONDS.test(message.timestamp)) return false;
  if (Math.abs(nowMs / 1000 - Number(message.timestamp)) > STANDARD_TOLERANCE_S) return false;
  const given = signatures.split(' ', MOST_SIGNATURES).flatMap((one) => {
    const [version, text = ''] = one.split(',', 2);
    return version === VERSION && BASE64.test(text) ? [Buffer.from(text, 'base64')] : [];
  });
  // Every pair, so that the time it takes does not say which one fits.
  const fits = keys.flatMap((key) => {
    const mac = macOf(key, message);
    return given.filter((one) => one.length === mac.length && timingSafeEqual(one, mac));
  });
  return fits.length > 0;
}

function macOf(key: Uint8Array, { id, timestamp, body }: StandardMessage): Buffer {
  return createHmac('sha256', key).update(`${id}.${timestamp}.`).update(body).digest();
}
