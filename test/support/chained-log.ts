import { CHAIN_START, toNewEvents } from '../../src/application/envelope';
import type { EventStore } from '../../src/application/ports/event-store';
import type { JsonObject } from '../../src/domain/json';
import { instant } from '../../src/domain/instant';
import { CryptoIds } from '../../src/infrastructure/system/crypto-ids';
import { NodeHasher } from '../../src/infrastructure/system/node-hasher';

const T0 = Date.UTC(2025, 0, 1);
const SECOND = 1_000;
/** Whatever JSON can hold that a careless copy would change. */
const AWKWARD = { z: 1, a: [null, 0.1, 1e-7, -5], text: 'ä "x" \u2028 \\ 𝄞 \u0007', empty: {}, 10: true, 9: false };

interface Last {
  readonly expected: 'no-stream' | bigint;
  readonly chain: string;
}

/** Writes events as the service does: chained, a second apart, with ids of their own. */
export class ChainedLog {
  private readonly last = new Map<string, Last>();
  private count = 0;

  constructor(
    private readonly store: EventStore,
    private readonly name = 'log',
  ) {}

  async append(stream: string, ...data: readonly object[]): Promise<void> {
    await this.appendFacts(stream, ...data.map((each) => ({ type: 'TaskAnnotated', data: each })));
  }

  async appendFacts(stream: string, ...said: readonly { type: string; data: object }[]): Promise<void> {
    const { expected, chain } = this.last.get(stream) ?? { expected: 'no-stream', chain: CHAIN_START };
    const facts = said.map(({ type, data }) => ({ type, data: data as JsonObject }));
    const from = this.count;
    this.count += facts.length;
    const fields = {
      occurredAt: instant(T0 + this.count * SECOND),
      actor: 'ann',
      worker: 'worker-1',
      correlationId: stream,
      causationId: '',
      policyDigest: null,
    };
    const made = toNewEvents(new NodeHasher(), { stream, expected, chain }, facts, {}, fields, (index) =>
      new CryptoIds().eventId(this.name, from + index),
    );
    // Earlier versions stored larger events than this one does.
    const { revision } = await this.store.append(stream, expected, made.events, { isImport: true });
    this.last.set(stream, { expected: revision, chain: made.chain });
  }

  /** Streams in turn, one to three events an append. */
  async fill(events: number, streams = 7): Promise<void> {
    for (let turn = 0; this.count < events; turn += 1) {
      const size = Math.min(events - this.count, 1 + (turn % 3));
      const data = Array.from({ length: size }, (_, index) => ({ ...AWKWARD, turn, index }));
      await this.append(`task-web.t${(turn * 5) % streams}`, ...data);
    }
  }
}
