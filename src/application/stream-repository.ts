import type { Damage } from '../domain/damage';
import type { Fact, Revision } from '../domain/fact';
import { BoundedMap } from './bounded-map';
import { toNewEvents, type EnvelopeFields } from './envelope';
import { foldOne, nextRevision, nothingFolded, type Folded, type Prepared, type StreamKind } from './stream-kind';
import type { Clock } from './ports/clock';
import type { EventStore, StoredEvent } from './ports/event-store';
import type { Hasher, Ids } from './ports/ids';
import { appendReliably } from './reliable-append';

const PAGE = 500;
/** Events of a stream that is told by its last one: some more, in case that cannot be read. */
const NEWEST = 3;

export interface StreamDeps {
  readonly store: EventStore;
  /** Without one, nobody looks whether events carry the hash that they should. */
  readonly hasher?: Hasher | undefined;
  /** Told of every stream that cannot be relied on, as often as it is read. */
  readonly onDamage?: ((damage: Damage) => void) | undefined;
}

/** A command that was stored. */
export interface Behind<State> {
  readonly state: State;
  readonly first: StoredEvent;
}

/** Streams of one kind: read by folding, remembered where reading stopped, written at the revision that was read. */
export class StreamRepository<State, Event extends Fact<string, unknown>> {
  private readonly known: BoundedMap<string, Folded<State>>;

  constructor(
    private readonly kind: StreamKind<State, Event>,
    private readonly deps: StreamDeps,
  ) {
    this.known = new BoundedMap(kind.remembered);
  }

  /** The remembered state, without looking whether the stream went on. */
  async recall(key: string): Promise<Folded<State>> {
    return this.known.get(key) ?? (await this.load(key));
  }

  /** What is remembered; null when nothing is. */
  peek(key: string): Folded<State> | null {
    return this.known.get(key) ?? null;
  }

  /** The remembered state; one that is not remembered is taken for new. */
  presume(key: string): Folded<State> {
    return this.known.get(key) ?? nothingFolded(this.kind);
  }

  /** A state at least as new as the event of that revision: the remembered one where it is, else the one as of now. */
  async asOf(key: string, revision: Revision): Promise<Folded<State>> {
    const known = this.known.get(key);
    const isNewEnough = known !== undefined && known.revision !== 'no-stream' && known.revision >= revision;
    return isNewEnough ? known : this.load(key);
  }

  /** The state as of now. */
  load(key: string): Promise<Folded<State>> {
    return this.readOn(key, this.presume(key));
  }

  /** The same from the beginning of the stream, whatever is remembered. */
  reload(key: string): Promise<Folded<State>> {
    return this.readOn(key, nothingFolded(this.kind));
  }

  /**
   * What stands in a stream of one command, told by its event ids: the state behind it, and its first event. Reads the stream from its
   * beginning.
   *
   * @returns null when nothing of it is there.
   */
  async behind(key: string, idOf: (index: number) => string): Promise<Behind<State> | null> {
    let folded = nothingFolded(this.kind);
    let first: StoredEvent | null = null;
    for (let count = 0; ;) {
      const options = { from: nextRevision(folded.revision), limit: PAGE };
      const page = await this.deps.store.readStream(this.kind.streamOf(key), options);
      for (const stored of page) {
        const isOfCommand = stored.id === idOf(count);
        if (first && !isOfCommand) return { state: folded.state, first };
        if (isOfCommand) count += 1;
        if (isOfCommand) first ??= stored;
        folded = this.foldAll(folded, [stored]);
      }
      if (page.length < PAGE) return first && { state: folded.state, first };
    }
  }

  /** Takes an event that came over a subscription: a remembered state that ends right before it goes on with it. */
  observe(key: string, stored: StoredEvent): void {
    const known = this.known.get(key);
    if (known && stored.revision === nextRevision(known.revision)) this.remember(key, this.foldAll(known, [stored]));
  }

  remember(key: string, folded: Folded<State>): void {
    if (folded.revision === 'no-stream' && !this.kind.remembersNothing) this.known.delete(key);
    else this.known.set(key, folded);
  }

  forget(key: string): void {
    this.known.delete(key);
  }

  /** @param decided the events, the state they lead to, and what goes into their envelopes. */
  prepare(
    key: string,
    before: Folded<State>,
    decided: { readonly state: State; readonly events: readonly Event[]; readonly fields: EnvelopeFields },
    { hasher, idOf }: { readonly hasher: Hasher; readonly idOf: (index: number) => string },
  ): Prepared<State> {
    const { streamOf, versions } = this.kind;
    const target = { stream: streamOf(key), expected: before.revision, chain: before.chain };
    const { events, chain } = toNewEvents(hasher, target, decided.events, versions, decided.fields, idOf);
    const revision = nextRevision(before.revision) + BigInt(events.length - 1);
    const lastEventId = events.at(-1)?.id ?? before.lastEventId;
    return { key, expected: before.revision, events, after: { state: decided.state, revision, chain, lastEventId } };
  }

  /**
   * Stores at the revision that was read, for certain or not at all.
   *
   * @param options.isShared whether others make the same events of the same decision, so that what stands there may be theirs.
   * @throws what `appendReliably` throws; the remembered state is then as it was.
   */
  async store(
    { key, expected, events, after }: Prepared<State>,
    deps: { readonly clock: Clock; readonly ids: Ids },
    { isShared = false }: { readonly isShared?: boolean } = {},
  ): Promise<'stored' | 'conflict'> {
    const { store } = this.deps;
    const outcome = await appendReliably({ store, ...deps }, this.kind.streamOf(key), expected, events);
    if (outcome.kind === 'conflict') return 'conflict';
    // Somebody else may have stored their own version of the decision under these ids: the stream has to say.
    if (isShared || outcome.isRepeated) this.forget(key);
    else this.remember(key, after);
    return 'stored';
  }

  private async readOn(key: string, from: Folded<State>): Promise<Folded<State>> {
    const stream = this.kind.streamOf(key);
    let folded = from.revision === 'no-stream' && this.kind.isToldByLast ? await this.readNewest(stream) : from;
    for (;;) {
      const page = await this.deps.store.readStream(stream, { from: nextRevision(folded.revision), limit: PAGE });
      folded = this.foldAll(folded, page);
      if (page.length < PAGE) break;
    }
    this.remember(key, this.furthest(key, folded));
    return folded;
  }

  /** What stands before them is not read, so nobody looks whether the oldest of them follows from it. */
  private async readNewest(stream: string): Promise<Folded<State>> {
    const newest = await this.deps.store.readStream(stream, { direction: 'backwards', limit: NEWEST });
    const nothing = nothingFolded(this.kind);
    const [oldest, ...others] = newest.reverse();
    if (!oldest) return nothing;
    const before = oldest.revision === 0n ? nothing : { ...nothing, revision: oldest.revision - 1n };
    return this.foldAll(foldOne(this.kind, before, oldest, null), others);
  }

  /** What was told or stored while a stream was read may be further than what was read; damage that was found stays. */
  private furthest(key: string, read: Folded<State>): Folded<State> {
    const known = this.known.get(key);
    const isBehind = known && nextRevision(known.revision) > nextRevision(read.revision);
    return isBehind && this.kind.damageOf(read.state) === null ? known : read;
  }

  private foldAll(folded: Folded<State>, events: readonly StoredEvent[]): Folded<State> {
    const { hasher = null, onDamage } = this.deps;
    const after = events.reduce((before, stored) => foldOne(this.kind, before, stored, hasher), folded);
    const damage = this.kind.damageOf(after.state);
    if (damage) onDamage?.(damage);
    return after;
  }
}
