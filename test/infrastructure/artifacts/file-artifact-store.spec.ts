import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import {
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  unlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { ArtifactError, FileArtifactStore } from '../../../src/infrastructure/artifacts/file-artifact-store';

const TASK = 'web.WEB-1';
const NAME = '15-staging-log.md';
const TEXT = '---\nstaging_status: SUCCESS\n---\nGrün\n';
const DIGEST = sha256(TEXT);

let stateDir: string;
let store: FileArtifactStore;
const named = () => join(stateDir, 'artifacts', 'web', 'WEB-1', NAME);
const content = (digest = DIGEST) => join(stateDir, 'artifacts', '.content', digest.slice(0, 2), digest);

function sha256(text: string): string {
  return createHash('sha256').update(text, 'utf8').digest('hex');
}

function plant(path: string, text: string): void {
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, text);
}

beforeEach(() => {
  stateDir = mkdtempSync(join(tmpdir(), 'artifacts-'));
  store = new FileArtifactStore(join(stateDir));
});
afterEach(() => {
  rmSync(stateDir, { recursive: true, force: true });
});

describe('content', () => {
  test('is kept once under the digest of its UTF-8 bytes', async () => {
    const stored = await Promise.all([store.put(TEXT), store.put(TEXT), store.put(TEXT)]);
    expect(stored).toEqual([DIGEST, DIGEST, DIGEST]);
    expect(readdirSync(dirname(content()))).toEqual([DIGEST]);
    expect(Buffer.from((await store.get(DIGEST))!).toString('utf8')).toBe(TEXT);
  });

  test('what was never stored is not there', async () => {
    expect(await store.get(DIGEST)).toBeNull();
    expect(await store.get('../../../etc/passwd')).toBeNull();
  });

  test('damaged content is not handed out, and storing it again repairs it', async () => {
    await store.put(TEXT);
    writeFileSync(content(), 'staging_status: SUCCESS');
    expect(await store.get(DIGEST)).toBeNull();
    await store.put(TEXT);
    expect(readFileSync(content(), 'utf8')).toBe(TEXT);
  });
});

describe('renderings', () => {
  test('a missing one is made from the content, then it is the same', async () => {
    const digest = await store.put(TEXT);
    expect(await store.ensureNamed(TASK, { name: NAME, digest })).toEqual({ kind: 'restored' });
    expect(readFileSync(named(), 'utf8')).toBe(TEXT);
    expect(await store.ensureNamed(TASK, { name: NAME, digest })).toEqual({ kind: 'same' });
  });

  test('several replicas may render at once', async () => {
    const digest = await store.put(TEXT);
    const stores = Array.from({ length: 8 }, () => new FileArtifactStore(stateDir));
    const checks = await Promise.all(stores.map((other) => other.ensureNamed(TASK, { name: NAME, digest })));
    expect(checks.filter(({ kind }) => kind === 'restored')).toHaveLength(1);
    expect(checks.filter(({ kind }) => kind === 'same')).toHaveLength(7);
    expect(readdirSync(dirname(named()))).toEqual([NAME]);
  });

  test('other bytes are told and never overwritten', async () => {
    const digest = await store.put(TEXT);
    plant(named(), 'forged');
    expect(await store.ensureNamed(TASK, { name: NAME, digest })).toEqual({
      kind: 'different',
      seen: sha256('forged'),
    });
    expect(readFileSync(named(), 'utf8')).toBe('forged');
  });

  test('a symbolic link is a difference, even to the right bytes', async () => {
    const digest = await store.put(TEXT);
    plant(named(), '');
    unlinkSync(named());
    symlinkSync(content(), named());
    expect(await store.ensureNamed(TASK, { name: NAME, digest })).toEqual({ kind: 'different', seen: sha256('') });
  });

  test('a pipe or a folder in its place is a difference and blocks nobody', async () => {
    const digest = await store.put(TEXT);
    mkdirSync(named(), { recursive: true });
    expect(await store.ensureNamed(TASK, { name: NAME, digest })).toMatchObject({ kind: 'different' });
    rmSync(named(), { recursive: true });
    execFileSync('mkfifo', [named()]);
    expect(await store.ensureNamed(TASK, { name: NAME, digest })).toMatchObject({ kind: 'different' });
  });

  test('an empty planted file does not pass for the empty text of a folder', async () => {
    const digest = await store.put('');
    mkdirSync(named(), { recursive: true });
    expect(await store.ensureNamed(TASK, { name: NAME, digest })).toMatchObject({ kind: 'different' });
  });

  test('a rendering that is there needs no content, one that is not is lost without it', async () => {
    const digest = await store.put(TEXT);
    await store.ensureNamed(TASK, { name: NAME, digest });
    rmSync(content());
    expect(await store.ensureNamed(TASK, { name: NAME, digest })).toEqual({ kind: 'same' });
    rmSync(named());
    expect(await store.ensureNamed(TASK, { name: NAME, digest })).toEqual({ kind: 'lost' });
  });
});

test.each([
  ['web.WEB-1', '../15-staging-log.md'],
  ['web.WEB-1', '/etc/passwd'],
  ['web.WEB-1', '.content'],
  ['web.WEB-1', '15-staging-log.md\0'],
  ['web.WEB-1', '15-staging-log.md\n'],
  ['web.WEB-1', ''],
  ['web...', NAME],
  ['web.../..', NAME],
  ['../x.WEB-1', NAME],
  ['.content.ab', NAME],
  ['web', NAME],
])('no file is made for %j %j', async (task, name) => {
  const digest = await store.put(TEXT);
  const before = readdirSync(stateDir, { recursive: true });
  await expect(store.ensureNamed(task, { name, digest })).rejects.toThrow(ArtifactError);
  expect(readdirSync(stateDir, { recursive: true })).toEqual(before);
});

test('a state directory that is a file is told as a write failure', async () => {
  const file = join(stateDir, 'file');
  writeFileSync(file, '');
  await expect(new FileArtifactStore(file).put(TEXT)).rejects.toMatchObject({
    code: expect.stringMatching(/^ARTIFACT_/) as unknown,
  });
});
