import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { readUpFile, removeUpFile, writeUpFile } from '../../src/cli/up-file';

let stateDir: string;
beforeEach(() => {
  stateDir = mkdtempSync(join(tmpdir(), 'stagegate-up-file-'));
});
afterEach(() => {
  rmSync(stateDir, { recursive: true, force: true });
});

const first = { url: 'http://127.0.0.1:1', worker: 'host/boot/ns/1/10' };
const second = { url: 'http://127.0.0.1:2', worker: 'host/boot/ns/2/20' };

describe('the address that a service leaves behind', () => {
  it('is found by other commands until the service ends', () => {
    writeUpFile(stateDir, first);
    expect(readUpFile(stateDir)).toEqual(first);
    removeUpFile(stateDir, first.worker);
    expect(readUpFile(stateDir)).toBeNull();
  });

  it('stays when it is that of another service by now', () => {
    writeUpFile(stateDir, first);
    writeUpFile(stateDir, second);
    removeUpFile(stateDir, first.worker);
    expect(readUpFile(stateDir)).toEqual(second);
  });

  it('counts for nothing when it is torn', () => {
    writeFileSync(join(stateDir, 'up.json'), '{"url": "http');
    expect(readUpFile(stateDir)).toBeNull();
  });
});
