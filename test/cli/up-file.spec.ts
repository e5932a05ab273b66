import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { readUpFiles, removeUpFile, writeUpFile } from '../../src/cli/up-file';

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
    expect(readUpFiles(stateDir)).toEqual([first]);
    removeUpFile(stateDir, first.worker);
    expect(readUpFiles(stateDir)).toEqual([]);
    expect(readdirSync(stateDir)).toEqual([]);
  });

  it.each([
    ['the first', first, second],
    ['the second', second, first],
  ])('is that of each of two services, and of the other one when %s ends', (_, ends, stays) => {
    writeUpFile(stateDir, first);
    writeUpFile(stateDir, second);
    expect(readUpFiles(stateDir)).toEqual([second, first]);
    removeUpFile(stateDir, ends.worker);
    expect(readUpFiles(stateDir)).toEqual([stays]);
    expect(JSON.parse(readFileSync(join(stateDir, 'up.json'), 'utf8'))).toEqual(stays);
  });

  it('goes when its service is dead and another one starts', () => {
    writeUpFile(stateDir, first);
    writeUpFile(stateDir, second, (worker) => worker === first.worker);
    expect(readUpFiles(stateDir)).toEqual([second]);
  });

  it.each(['{"url": "http', 'null', '5', '{"url":"no url","worker":"w"}', '{"url":5,"worker":"w"}'])(
    'counts for nothing as %s',
    (text) => {
      writeFileSync(join(stateDir, 'up.json'), text);
      expect(readUpFiles(stateDir)).toEqual([]);
    },
  );
});
