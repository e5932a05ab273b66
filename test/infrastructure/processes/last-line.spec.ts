import { mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { lastLine } from '../../../src/infrastructure/processes/output/last-line';

let dir: string;
beforeEach(() => (dir = mkdtempSync(join(tmpdir(), 'stagegate-last-line-'))));
afterEach(() => {
  rmSync(dir, { recursive: true });
});

const lastOf = (text: string | Buffer) => {
  const path = join(dir, 'run.log');
  writeFileSync(path, text);
  return lastLine(path);
};

test.each([
  ['the last line', 'one\ntwo\n', 'two'],
  ['one that is not complete', 'one\ntw', 'tw'],
  ['what is written over in place', '10 %\r20 %\r', '20 %'],
  ['not what steers', '\u001b[32mok\u001b[0m\u0007\n\n', 'ok'],
  ['the end of much', `${'x'.repeat(100_000)}\nend\n`, 'end'],
  ['nothing where nothing is', '\n \n', null],
])('it gives %s', async (_what, text, expected) => {
  expect(await lastOf(text)).toBe(expected);
});

test('what is missing or no plain file says nothing', async () => {
  expect(await lastLine(join(dir, 'none'))).toBeNull();
  symlinkSync('/etc/passwd', join(dir, 'link'));
  expect(await lastLine(join(dir, 'link'))).toBeNull();
});
