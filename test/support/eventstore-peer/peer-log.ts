import { appendFileSync, closeSync, ftruncateSync, openSync, readFileSync } from 'node:fs';

/** Positions of a real server are byte offsets: nobody may come to rely on 1, 2, 3. */
const STEP = 100;
/** A real log is never empty, and not everything in it is ours. */
const SYSTEM_STREAM = '$settings';

export interface PeerEvent {
  readonly id: string;
  readonly type: string;
  readonly contentType: string;
  /** Base64, as it goes over the wire. */
  readonly data: string;
  readonly metadata: string;
}

export interface StoredPeerEvent extends PeerEvent {
  readonly stream: string;
  readonly revision: number;
  readonly position: number;
  /** 100 ns since 1970, as text. */
  readonly created: string;
}

export type PeerDecision =
  | { readonly kind: 'stored'; readonly revision: number; readonly position: number }
  | { readonly kind: 'known'; readonly revision: number }
  | { readonly kind: 'conflict'; readonly current: number | null };

/**
 * The log with the rules of a real server's index writer: an append at the current revision is stored without a look at its
 * ids, one below it is compared id by id at the places it aims at, and everything else conflicts. Kept in a file, so that it
 * outlives the process as a server's log does.
 */
export class PeerLog {
  readonly events: StoredPeerEvent[] = [];
  private readonly streams = new Map<string, StoredPeerEvent[]>();
  private readonly listeners = new Set<() => void>();
  private readonly file: number;

  constructor(path: string) {
    this.file = openSync(path, 'a+');
    const lines = readFileSync(path, 'utf8').split('\n').slice(0, -1);
    for (const line of lines) this.keep(JSON.parse(line) as StoredPeerEvent);
    if (lines.length === 0) this.addSystemEvent();
  }

  /** @param expected null: no stream. */
  append(stream: string, expected: number | null, events: readonly PeerEvent[]): PeerDecision {
    const stored = this.streams.get(stream) ?? [];
    const current = stored.length === 0 ? null : stored.length - 1;
    const first = expected === null ? 0 : expected + 1;
    if (expected !== current) {
      const isKnown = events.every(({ id }, index) => stored[first + index]?.id === id);
      return isKnown ? { kind: 'known', revision: first + events.length - 1 } : { kind: 'conflict', current };
    }
    this.add(stream, events);
    return { kind: 'stored', revision: first + events.length - 1, position: this.events.length * STEP };
  }

  stream(name: string): readonly StoredPeerEvent[] | null {
    return this.streams.get(name) ?? null;
  }

  /** Calls back when there is more, until the returned function is called. */
  onGrowth(listener: () => void): () => void {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  }

  clear(): void {
    ftruncateSync(this.file);
    this.events.length = 0;
    this.streams.clear();
    this.addSystemEvent();
  }

  close(): void {
    closeSync(this.file);
  }

  private addSystemEvent(): void {
    const data = Buffer.from('{}').toString('base64');
    const id = '00000000-0000-4000-8000-000000000001';
    this.add(SYSTEM_STREAM, [{ id, type: '$update', contentType: 'application/json', data, metadata: '' }]);
  }

  private add(stream: string, events: readonly PeerEvent[]): void {
    const from = this.streams.get(stream)?.length ?? 0;
    const created = String(BigInt(Date.now()) * 10_000n);
    const added = events.map((event, index) => ({
      ...event,
      stream,
      revision: from + index,
      position: (this.events.length + 1 + index) * STEP,
      created,
    }));
    appendFileSync(this.file, added.map((event) => `${JSON.stringify(event)}\n`).join(''));
    for (const event of added) this.keep(event);
    for (const listener of [...this.listeners]) listener();
  }

  private keep(event: StoredPeerEvent): void {
    this.events.push(event);
    const stream = this.streams.get(event.stream);
    if (stream) stream.push(event);
    else this.streams.set(event.stream, [event]);
  }
}
