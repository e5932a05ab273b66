import { CHAIN_START, toNewEvents } from '../../src/application/envelope';
import type { EventStore } from '../../src/application/ports/event-store';
import type { ExpectedRevision } from '../../src/domain/fact';
import { switchStream } from '../../src/domain/ids';
import { CryptoIds } from '../../src/infrastructure/system/crypto-ids';
import { NodeHasher } from '../../src/infrastructure/system/node-hasher';
import { FIELDS } from './envelope-fields';

/** Appends events that can be read, are counted in their reason, and are as large as somebody wants them. */
export class SwitchEvents {
  private readonly last = new Map<string, { expected: ExpectedRevision; chain: string }>();
  private readonly ids = new CryptoIds();
  private readonly hasher = new NodeHasher();
  count = 0;

  constructor(
    private readonly store: EventStore,
    private readonly name = 'switch-events',
  ) {}

  async append(project: string, count = 1, chars = 0): Promise<void> {
    const stream = switchStream(project);
    const { expected, chain } = this.last.get(stream) ?? { expected: 'no-stream', chain: CHAIN_START };
    const facts = Array.from({ length: count }, () => {
      this.count += 1;
      const reason = `${this.count}`.padEnd(chars, '.');
      return { type: 'SwitchSet', data: { switch: 'deploy', enabled: true, by: 'ann', reason } };
    });
    const from = this.count;
    const idOf = (index: number) => this.ids.eventId(`${this.name}:${from}`, index);
    const made = toNewEvents(this.hasher, { stream, expected, chain }, facts, {}, FIELDS, idOf);
    const { revision } = await this.store.append(stream, expected, made.events);
    this.last.set(stream, { expected: revision, chain: made.chain });
  }
}

/** The number that such an event has, from its CloudEvent. */
export function numberOf(json: string): number {
  const { data } = JSON.parse(json) as { data: { reason: string } };
  return Number.parseInt(data.reason, 10);
}
