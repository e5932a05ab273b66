import { createHash } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { FileArtifactStore } from '../../../src/infrastructure/artifacts/file-artifact-store';
import { LogArtifactStore } from '../../../src/infrastructure/artifacts/log-artifact-store';
import { MemoryEventStore } from '../../../src/infrastructure/event-stores/memory-event-store';
import { CryptoIds } from '../../../src/infrastructure/system/crypto-ids';
import { NodeHasher } from '../../../src/infrastructure/system/node-hasher';
import { SystemClock } from '../../../src/infrastructure/system/system-clock';
import { everything } from '../../contract/support/events';
import { check } from '../../support/invariants';

const TASK = 'web.WEB-1';
const NAME = '15-staging-log.md';
const TEXT = '---\nstaging_status: SUCCESS\n---\nGrün\n';

let root: string;
let store: MemoryEventStore;
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'artifacts-'));
  store = new MemoryEventStore();
});
afterEach(async () => {
  await store.close();
  rmSync(root, { recursive: true, force: true });
});

/** A replica with a state directory of its own. */
function replica(name: string): LogArtifactStore {
  const deps = { store, clock: new SystemClock(), ids: new CryptoIds(), hasher: new NodeHasher(), worker: name };
  return new LogArtifactStore(new FileArtifactStore(join(root, name)), deps);
}

const digestOf = (text: string) => createHash('sha256').update(text, 'utf8').digest('hex');
const textOf = (bytes: Uint8Array | null) => bytes && new TextDecoder().decode(bytes);

it('a replica finds what another one has kept, and renders it', async () => {
  const digest = await replica('one').put(TEXT);
  expect(digest).toBe(digestOf(TEXT));
  expect(textOf(await replica('two').get(digest))).toBe(TEXT);
  expect(await replica('three').ensureNamed(TASK, { name: NAME, digest })).toEqual({ kind: 'restored' });
  expect(await new FileArtifactStore(join(root, 'three')).ensureNamed(TASK, { name: NAME, digest })).toEqual({
    kind: 'same',
  });
});

it('what nobody has kept is lost', async () => {
  const digest = digestOf('never');
  expect(await replica('one').get(digest)).toBeNull();
  expect(await replica('one').ensureNamed(TASK, { name: NAME, digest })).toEqual({ kind: 'lost' });
});

it.each([
  ['empty', ''],
  ['as large as an artifact may be', 'x'.repeat(1024 * 1024)],
  ['full of what JSON escapes or cannot hold', '\u0000"\\\u0001'.repeat(100_000)],
])('a text that is %s comes back as it was', async (_what, text) => {
  const digest = await replica('one').put(text);
  expect(textOf(await replica('two').get(digest))).toBe(text);
});

it('kept by several replicas at once it is in the log once, chained like every event', async () => {
  await Promise.all(['one', 'two', 'three'].map((name) => replica(name).put(TEXT)));
  await replica('one').put(TEXT);
  const log = await everything(store);
  expect(log.map(({ type, stream }) => [type, stream])).toEqual([['ArtifactKept', `artifact-${digestOf(TEXT)}`]]);
  expect(check(log, { isAtRest: true })).toEqual([]);
});

it('several replicas keep it under the same ids, so that a store recognises it', async () => {
  const append = jest.spyOn(store, 'append');
  for (const name of ['one', 'two']) await replica(name).put(TEXT);
  const [first, second] = append.mock.calls.map(([, , events]) => events.map(({ id }) => id));
  expect(first).toHaveLength(1);
  expect(second).toEqual(first);
  await expect(append.mock.results[1]?.value).resolves.toMatchObject({ duplicate: true });
});

it('other bytes under its name are not taken for it', async () => {
  const digest = digestOf(TEXT);
  const id = new CryptoIds().uuid();
  const data = { digest, base64: Buffer.from('forged').toString('base64') };
  await store.append(`artifact-${digest}`, 'no-stream', [{ id, type: 'ArtifactKept', data, meta: {} }]);
  expect(await replica('one').get(digest)).toBeNull();
  expect(await replica('one').ensureNamed(TASK, { name: NAME, digest })).toEqual({ kind: 'lost' });
});
