import { hash, randomBytes, randomUUID } from 'node:crypto';
import { Ids } from '../../application/ports/ids';

/** Namespace of this service's event ids. A constant of the format: changing it would give re-sent commands new ids. */
const EVENT_NAMESPACE = '5f3a1c0e-8d47-5b6e-9c21-0a7e64d2b918';

const SECRET_BYTES = 32;

/** Identities by `node:crypto`: random ones, and name-based ones (RFC 9562, version 5) for events. */
export class CryptoIds extends Ids {
  eventId(commandId: string, index: number): string {
    // The index comes first, and a colon ends it: no command id can make two pairs spell the same name.
    return uuidV5(EVENT_NAMESPACE, `${index}:${commandId}`);
  }

  uuid(): string {
    return randomUUID();
  }

  secret(): string {
    return randomBytes(SECRET_BYTES).toString('hex');
  }

  random(): number {
    return Math.random();
  }
}

/** Name-based UUID of version 5 (SHA-1), lower case. Source: RFC 9562, section 5.5. */
export function uuidV5(namespace: string, name: string): string {
  const hashed = Buffer.concat([Buffer.from(namespace.replaceAll('-', ''), 'hex'), Buffer.from(name, 'utf8')]);
  const hex = hash('sha1', hashed, 'hex');
  const variant = ((Number.parseInt(hex.charAt(16), 16) & 0x3) | 0x8).toString(16);
  return [
    hex.slice(0, 8),
    hex.slice(8, 12),
    `5${hex.slice(13, 16)}`,
    `${variant}${hex.slice(17, 20)}`,
    hex.slice(20, 32),
  ].join('-');
}
