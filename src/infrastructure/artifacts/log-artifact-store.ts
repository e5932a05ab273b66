import { CHAIN_START, toNewEvents, type EnvelopeFields } from '../../application/envelope';
import { ArtifactStore, type ArtifactCheck, type Unkept } from '../../application/ports/artifact-store';
import type { Clock } from '../../application/ports/clock';
import type { EventStore, StoredEvent } from '../../application/ports/event-store';
import type { KeptBytes } from '../../application/ports/kept-bytes';
import type { Hasher, Ids } from '../../application/ports/ids';
import { chainIn } from '../../application/read-events';
import { appendReliably } from '../../application/reliable-append';
import {
  ARTIFACT_EVENT_VERSIONS,
  type ArtifactEvent,
  type ArtifactEventData,
} from '../../domain/artifact/artifact.events';
import { SERVICE } from '../../domain/authority/principal';
import type { ExpectedRevision, Revision } from '../../domain/fact';
import { artifactStream, type Digest, type TaskId } from '../../domain/ids';
import { instant } from '../../domain/instant';
import type { ArtifactRef } from '../../domain/task/task.events';
import type { FileArtifactStore } from './file-artifact-store';

type Kept = ArtifactEventData['ArtifactKept'];

/** Bytes of one event, and of one append: base64 makes them a third more, and an append takes 1,000,000. */
const PART_BYTES = 512 * 1024;
/** Parts that are held at once, whatever an artifact has. */
const PARTS_AT_ONCE = 2;

export interface LogArtifactDeps {
  readonly store: EventStore;
  readonly clock: Clock;
  readonly ids: Ids;
  readonly hasher: Hasher;
  readonly worker: string;
}

/**
 * Artifacts of replicas that share a log and nothing else: kept in the log too, so that whoever goes on with a task has what
 * its verdicts cite. The files are each replica's own.
 */
export class LogArtifactStore extends ArtifactStore {
  constructor(
    private readonly files: FileArtifactStore,
    private readonly deps: LogArtifactDeps,
  ) {
    super();
  }

  async put(text: string): Promise<Digest> {
    const digest = await this.files.put(text);
    await this.keep(digest, Buffer.from(text, 'utf8'));
    return digest;
  }

  async get(digest: Digest): Promise<Uint8Array | null> {
    const found = await this.files.get(digest);
    return found ?? ((await this.fetch(digest)) ? this.files.get(digest) : null);
  }

  async open(digest: Digest): Promise<KeptBytes | Unkept> {
    const opened = await this.files.open(digest);
    return typeof opened === 'string' && (await this.fetch(digest)) ? this.files.open(digest) : opened;
  }

  /** All parts but the last one are full, so nothing but that one is read. */
  async sizeOf(digest: Digest): Promise<number | null> {
    const size = await this.files.sizeOf(digest);
    if (size !== null) return size;
    const [last] = await this.deps.store.readStream(artifactStream(digest), { direction: 'backwards', limit: 1 });
    return last ? Number(last.revision) * PART_BYTES + bytesOf(last).length : null;
  }

  async ensureNamed(task: TaskId, ref: ArtifactRef, superseded: readonly Digest[] = []): Promise<ArtifactCheck> {
    const check = await this.files.ensureNamed(task, ref, superseded);
    if (check.kind !== 'lost' || !(await this.fetch(ref.digest))) return check;
    return this.files.ensureNamed(task, ref, superseded);
  }

  /** Replicas that keep the same bytes make the same event ids: the second one is answered as the first. */
  private async keep(digest: Digest, bytes: Buffer): Promise<void> {
    const { clock, hasher, ids, worker } = this.deps;
    const stream = artifactStream(digest);
    const fields: EnvelopeFields = {
      occurredAt: instant(clock.now()),
      actor: SERVICE.name,
      worker,
      correlationId: digest,
      causationId: '',
      policyDigest: null,
    };
    let after: { readonly expected: ExpectedRevision; readonly chain: string } = {
      expected: 'no-stream',
      chain: CHAIN_START,
    };
    for (const [index, part] of partsOf(digest, bytes).entries()) {
      const idOf = () => ids.eventId(`artifact:${digest}`, index);
      const made = toNewEvents(hasher, { stream, ...after }, [part], ARTIFACT_EVENT_VERSIONS, fields, idOf);
      const done = await appendReliably(this.deps, stream, after.expected, made.events);
      // Other bytes under its name: whoever fetches it sees that.
      if (done.kind === 'conflict') return;
      const revision = BigInt(index);
      after = { expected: revision, chain: done.isRepeated ? await this.chainAt(stream, revision) : made.chain };
    }
  }

  /** What stands there may be another replica's, down to the time. */
  private async chainAt(stream: string, revision: Revision): Promise<string> {
    const [event] = await this.deps.store.readStream(stream, { from: revision, limit: 1 });
    return event ? chainIn(event) : CHAIN_START;
  }

  /** @returns false when the log has no such artifact, or other bytes under its name. */
  private async fetch(digest: Digest): Promise<boolean> {
    const first = await this.partsFrom(digest, 0n);
    return first.length > 0 && this.files.keep(digest, this.parts(digest, first));
  }

  private async *parts(digest: Digest, first: readonly StoredEvent[]): AsyncGenerator<Uint8Array> {
    let parts = first;
    for (let from = BigInt(PARTS_AT_ONCE); ; from += BigInt(PARTS_AT_ONCE)) {
      for (const part of parts) yield bytesOf(part);
      if (parts.length < PARTS_AT_ONCE) return;
      parts = await this.partsFrom(digest, from);
    }
  }

  private partsFrom(digest: Digest, from: Revision): Promise<readonly StoredEvent[]> {
    return this.deps.store.readStream(artifactStream(digest), { from, limit: PARTS_AT_ONCE });
  }
}

/** What is no part of an artifact makes other bytes, and so another digest. */
function bytesOf({ data }: StoredEvent): Buffer {
  return Buffer.from(String((data as Partial<Kept>).base64), 'base64');
}

function partsOf(digest: Digest, bytes: Buffer): readonly ArtifactEvent[] {
  const count = Math.max(1, Math.ceil(bytes.length / PART_BYTES));
  return Array.from({ length: count }, (_, index) => {
    const part = bytes.subarray(index * PART_BYTES, (index + 1) * PART_BYTES);
    return { type: 'ArtifactKept', data: { digest, base64: part.toString('base64') } };
  });
}
