import { CHAIN_START, toNewEvents, type EnvelopeFields } from '../../application/envelope';
import { ArtifactStore, type ArtifactCheck } from '../../application/ports/artifact-store';
import type { Clock } from '../../application/ports/clock';
import type { EventStore } from '../../application/ports/event-store';
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

type Kept = ArtifactEventData['ArtifactKept'];

/** Bytes of one event, and of one append: base64 makes them a third more, and an append takes 1,000,000. */
const PART_BYTES = 512 * 1024;
/** More than an artifact has. */
const MOST_PARTS = 100;

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
    private readonly files: ArtifactStore,
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
    return (await this.files.get(digest)) ?? (await this.fetch(digest));
  }

  async ensureNamed(task: TaskId, ref: ArtifactRef, superseded: readonly Digest[] = []): Promise<ArtifactCheck> {
    const check = await this.files.ensureNamed(task, ref, superseded);
    if (check.kind !== 'lost' || (await this.fetch(ref.digest)) === null) return check;
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

  /** @returns null when the log has no such artifact, or other bytes under its name. */
  private async fetch(digest: Digest): Promise<Uint8Array | null> {
    const bytes = await this.read(digest);
    if (bytes === null || this.deps.hasher.sha256(bytes) !== digest) return null;
    await this.files.put(bytes.toString('utf8'));
    return bytes;
  }

  private async read(digest: Digest): Promise<Buffer | null> {
    const parts = await this.deps.store.readStream(artifactStream(digest), { limit: MOST_PARTS });
    if (parts.length === 0) return null;
    return Buffer.concat(
      // What is no part of one makes other bytes, and so another digest.
      parts.map(({ data }) => Buffer.from(String((data as Partial<Kept>).base64), 'base64')),
    );
  }
}

function partsOf(digest: Digest, bytes: Buffer): readonly ArtifactEvent[] {
  const count = Math.max(1, Math.ceil(bytes.length / PART_BYTES));
  return Array.from({ length: count }, (_, index) => {
    const part = bytes.subarray(index * PART_BYTES, (index + 1) * PART_BYTES);
    return { type: 'ArtifactKept', data: { digest, base64: part.toString('base64') } };
  });
}
