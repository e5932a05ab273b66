import { createHash, randomInt, randomUUID } from 'node:crypto';
import { Ids } from '../../application/ports/ids';

/** Namespace of this service's event ids. A constant of the format: changing it would give re-sent commands new ids. */
const EVENT_NAMESPACE = '5f3a1c0e-8d47-5b6e-9c21-0a7e64d2b918';
const RANDOM_STEPS = 2 ** 47;

/** Identities by `node:crypto`: random ones, and name-based ones (RFC 9562, version 5) for events. */
export class CryptoIds extends Ids {
  eventId(commandId: string, index: number): string {
    // The index comes first, and a colon ends it: no command id can make two pairs spell the same name.
    return uuidV5(EVENT_NAMESPACE, `${index}:${commandId}`);
  }

  uuid(): string {
    return randomUUID();
  }

  random(): number {
    return randomInt(RANDOM_STEPS) / RANDOM_STEPS;
  }
}

/** Name-based UUID of version 5 (SHA-1), lower case. Source: RFC 9562, section 5.5. */
export function uuidV5(namespace: string, name: string): string {
  const bytes = createHash('sha1')
    .update(Buffer.from(namespace.replaceAll('-', ''), 'hex'))
    .update(name, 'utf8')
    .digest()
    .subarray(0, 16);
  bytes.writeUInt8((bytes.readUInt8(6) & 0x0f) | 0x50, 6);
  bytes.writeUInt8((bytes.readUInt8(8) & 0x3f) | 0x80, 8);
  const hex = bytes.toString('hex');
  return [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20)].join('-');
}
