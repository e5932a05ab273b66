import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { artifactsOf } from './support/artifact-places';
import { postgresAdapter } from './support/postgres-adapter';
import { SQLITE } from './support/sqlite-adapter';
import { StoreProcess } from './support/store-process';

jest.setTimeout(120_000);

const MIB = 1024 ** 2;
const SIZE = 64 * MIB;
const postgres = postgresAdapter();

it.each([
  ['SQLite', () => SQLITE],
  ['PostgreSQL', () => postgres],
])('an artifact of 64 MiB is brought over from a log on %s, and read, without being held', async (_name, adapterOf) => {
  const root = mkdtempSync(join(tmpdir(), 'stagegate-artifact-memory-'));
  const log = await adapterOf().create();
  const store = await log.open();
  const digest = await artifactsOf(store, join(root, 'first')).put('0123456789abcdef'.repeat(SIZE / 16));
  await store.close();
  if (!log.target) throw new Error('expected a log that other processes can open');
  const reader = await StoreProcess.start(log.target);
  const fetched = await reader.run('readArtifact', join(root, 'other'), digest);
  const again = await reader.run('readArtifact', join(root, 'other'), digest);
  await reader.kill();
  await log.remove();
  rmSync(root, { recursive: true });
  expect([fetched.bytes, again.bytes]).toEqual([SIZE, SIZE]);
  // What is on its way: two parts, each as JSON, as base64 and as bytes.
  expect(fetched.most).toBeLessThan(SIZE / 2);
  expect(again.most).toBeLessThan(SIZE / 2);
});
