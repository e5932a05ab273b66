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
  | { readonly kind: 'known'; readonly revision: number; readonly position: number }
  | { readonly kind: 'conflict'; readonly current: number | null };

/**
 * The log with the rules of a real server's index writer: an append at the current revision is stored without a look at its
 * ids, one below it is compared id by id at the places it aims at, and everything else conflicts. Kept in a file, so that it
 * outlives the process as a server's log does.
 */
export class PeerLog {
  private readonly all: StoredPeerEvent[] = [];
  /** Replicated and indexed: so many events can be read. An append is decided on all. */
  private readable = 0;
  private readonly streams = new Map<string, StoredPeerEvent[]>();
  private readonly listeners = new Set<() => void>();
  private readonly file: number;

  constructor(path: string) {
    this.file = openSync(path, 'a+');
    const lines = readFileSync(path, 'utf8').split('\n').slice(0, -1);
    for (const line of lines) this.keep(JSON.parse(line) as StoredPeerEvent);
    if (lines.length === 0) this.addSystemEvent();
    this.show(Infinity);
  }

  /** @param expected null: no stream. */
  append(stream: string, expected: number | null, events: readonly PeerEvent[]): PeerDecision {
    const stored = this.streams.get(stream) ?? [];
    const current = stored.length === 0 ? null : stored.length - 1;
    const first = expected === null ? 0 : expected + 1;
    if (expected !== current) {
      const isKnown = events.every(({ id }, index) => stored[first + index]?.id === id);
      if (!isKnown) return { kind: 'conflict', current };
      const revision = first + events.length - 1;
      return { kind: 'known', revision, position: stored[revision]?.position ?? 0 };
    }
    this.add(stream, events);
    return { kind: 'stored', revision: first + events.length - 1, position: this.all.length * STEP };
  }

  /** What can be read of the log. */
  get events(): readonly StoredPeerEvent[] {
    return this.readable === this.all.length ? this.all : this.all.slice(0, this.readable);
  }

  /** What can be read of a stream. */
  stream(name: string): readonly StoredPeerEvent[] | null {
    const stored = this.stored(name);
    const last = stored.at(-1);
    const readable =
      !last || this.isReadable(last.position) ? stored : stored.filter(({ position }) => this.isReadable(position));
    return readable.length === 0 ? null : readable;
  }

  /** What there is of a stream, whether it can be read yet or not. */
  stored(name: string): readonly StoredPeerEvent[] {
    return this.streams.get(name) ?? [];
  }

  isReadable(position: number): boolean {
    return position <= this.readable * STEP;
  }

  /** Everything up to a position can be read from now on. */
  show(position: number): void {
    this.readable = Math.max(this.readable, Math.min(this.all.length, position / STEP));
    for (const listener of [...this.listeners]) listener();
  }

  /** Calls back when there is more, until the returned function is called. */
  onGrowth(listener: () => void): () => void {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  }

  clear(): void {
    ftruncateSync(this.file);
    this.all.length = 0;
    this.readable = 0;
    this.streams.clear();
    this.addSystemEvent();
    this.show(Infinity);
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
      position: (this.all.length + 1 + index) * STEP,
      created,
    }));
    appendFileSync(this.file, added.map((event) => `${JSON.stringify(event)}\n`).join(''));
    for (const event of added) this.keep(event);
  }

  private keep(event: StoredPeerEvent): void {
    this.all.push(event);
    const stream = this.streams.get(event.stream);
    if (stream) stream.push(event);
    else this.streams.set(event.stream, [event]);
  }
}
