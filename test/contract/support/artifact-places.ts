import { mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { EventStore } from '../../../src/application/ports/event-store';
import { artifactStream } from '../../../src/domain/ids';
import { FileArtifactStore } from '../../../src/infrastructure/artifacts/file-artifact-store';
import { LogArtifactStore } from '../../../src/infrastructure/artifacts/log-artifact-store';
import { CryptoIds } from '../../../src/infrastructure/system/crypto-ids';
import { NodeHasher } from '../../../src/infrastructure/system/node-hasher';
import { SystemClock } from '../../../src/infrastructure/system/system-clock';
import type { ArtifactsUnderTest } from '../artifact-store.contract';
import type { EventStoreAdapter } from './adapter';

/** Files of one state directory. */
export async function artifactFiles(): Promise<ArtifactsUnderTest> {
  const root = newRoot();
  return {
    store: new FileArtifactStore(root),
    another: () => new FileArtifactStore(root),
    damage: async (digest) => {
      damageFile(root, digest);
    },
    remove: async () => {
      rmSync(root, { recursive: true });
    },
  };
}

/** Replicas with state directories of their own, on one log. */
export async function artifactsInLog(adapter: EventStoreAdapter): Promise<ArtifactsUnderTest> {
  const root = newRoot();
  const log = await adapter.create();
  const events = await log.open();
  const replica = (name: string) => artifactsOf(events, join(root, name));
  let replicas = 0;
  return {
    store: replica('first'),
    another: () => {
      replicas += 1;
      return replica(`other-${replicas}`);
    },
    damage: async (digest) => {
      damageFile(join(root, 'first'), digest);
      await addPart(events, digest);
    },
    remove: async () => {
      await events.close();
      await log.remove();
      rmSync(root, { recursive: true });
    },
  };
}

/** A replica that keeps its files in a folder of its own. */
export function artifactsOf(store: EventStore, folder: string): LogArtifactStore {
  const deps = { store, clock: new SystemClock(), ids: new CryptoIds(), hasher: new NodeHasher(), worker: folder };
  return new LogArtifactStore(new FileArtifactStore(folder), deps);
}

function newRoot(): string {
  return mkdtempSync(join(tmpdir(), 'stagegate-artifacts-'));
}

function damageFile(root: string, digest: string): void {
  const path = join(root, 'artifacts', '.content', digest.slice(0, 2), digest);
  writeFileSync(path, Buffer.alloc(statSync(path).size, 'x'));
}

/** What is stored stays as it is; but what stands behind it makes other bytes of it. */
async function addPart(store: EventStore, digest: string): Promise<void> {
  const stream = artifactStream(digest);
  const [last] = await store.readStream(stream, { direction: 'backwards', limit: 1 });
  const data = { digest, base64: Buffer.from('forged').toString('base64') };
  const event = { id: new CryptoIds().uuid(), type: 'ArtifactKept', data, meta: {} };
  await store.append(stream, last?.revision ?? 'no-stream', [event]);
}
