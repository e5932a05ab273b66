import { chmodSync, chownSync, mkdirSync, mkdtempSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { readOperatorFile, removeOperatorFile, writeOperatorFile } from '../../src/cli/operator-file';
import { testWherePossible } from '../support/test-where-possible';

let stateDir: string;
beforeEach(() => {
  stateDir = mkdtempSync(join(tmpdir(), 'stagegate-operator-file-'));
});
afterEach(() => {
  rmSync(stateDir, { recursive: true, force: true });
});

const first = { url: 'http://127.0.0.1:1', worker: 'host/boot/ns/1/10', token: `sgt_${'1'.repeat(64)}` };
const second = { url: 'http://127.0.0.1:2', worker: 'host/boot/ns/2/20', token: `sgt_${'2'.repeat(64)}` };
const folder = () => join(stateDir, 'operator');
const onlyFile = () => join(folder(), readdirSync(folder())[0] ?? '');
const modeOf = (path: string) => (statSync(path).mode & 0o777).toString(8);

describe('what a service leaves for its operator', () => {
  it('is there for its own user alone, until the service ends', () => {
    writeOperatorFile(stateDir, first);
    expect(readOperatorFile(stateDir, first.worker)).toEqual(first);
    expect([modeOf(folder()), modeOf(onlyFile())]).toEqual(['700', '600']);
    removeOperatorFile(stateDir, first.worker);
    expect([readOperatorFile(stateDir, first.worker), readdirSync(folder())]).toEqual([null, []]);
  });

  it('is that of each of two services', () => {
    writeOperatorFile(stateDir, first);
    writeOperatorFile(stateDir, second);
    removeOperatorFile(stateDir, first.worker);
    expect(readOperatorFile(stateDir, first.worker)).toBeNull();
    expect(readOperatorFile(stateDir, second.worker)).toEqual(second);
  });

  it('goes when its service is dead and another one starts, as does what no service has written', () => {
    writeOperatorFile(stateDir, first);
    writeFileSync(join(folder(), `up-${'0'.repeat(16)}.json`), '{"url":');
    writeOperatorFile(stateDir, second, (worker) => worker === first.worker);
    expect(readdirSync(folder())).toHaveLength(1);
    expect(readOperatorFile(stateDir, second.worker)).toEqual(second);
  });

  it('stands over whatever has its name', () => {
    writeFileSync(folder(), 'a file');
    writeOperatorFile(stateDir, first);
    rmSync(onlyFile());
    removeOperatorFile(stateDir, first.worker);
    rmSync(folder(), { recursive: true });
    mkdirSync(folder(), { mode: 0o755 });
    writeOperatorFile(stateDir, first);
    expect([readOperatorFile(stateDir, first.worker), modeOf(folder())]).toEqual([first, '700']);
  });
});

describe('a file that is not to be relied on is not, and the line says what to do', () => {
  const line = (seen: string) => ({
    objection: expect.stringMatching(
      `^/.*/operator/up-.*: expected a file of user \\d+ with mode 0600, saw ${seen}; give orders as the user of the service`,
    ) as string,
  });

  it.each([0o644, 0o660, 0o602, 0o700 | 0o010])('of mode %o', (mode) => {
    writeOperatorFile(stateDir, first);
    chmodSync(onlyFile(), mode);
    expect(readOperatorFile(stateDir, first.worker)).toEqual(line(`mode 0${mode.toString(8)}`));
  });

  testWherePossible(process.getuid?.() === 0 ? null : 'only root can give a file away', 'of another user', async () => {
    writeOperatorFile(stateDir, first);
    chownSync(onlyFile(), 12_345, 12_345);
    expect(readOperatorFile(stateDir, first.worker)).toEqual(line('that of user 12345'));
    await Promise.resolve();
  });

  it.each([
    ['cut in half', JSON.stringify(first).slice(0, -5), line('something else')],
    ['of another service', JSON.stringify({ ...second }), null],
    ['without a token', JSON.stringify({ ...first, token: 'x' }), null],
    ['without an address', JSON.stringify({ ...first, url: 'x' }), null],
  ])('%s', (_, text, expected) => {
    writeOperatorFile(stateDir, first);
    writeFileSync(onlyFile(), text);
    expect(readOperatorFile(stateDir, first.worker)).toEqual(expected);
  });

  it('a folder in its place', () => {
    writeOperatorFile(stateDir, first);
    const path = onlyFile();
    rmSync(path);
    mkdirSync(path, { mode: 0o700 });
    expect(readOperatorFile(stateDir, first.worker)).toEqual(line('EISDIR'));
  });
});
