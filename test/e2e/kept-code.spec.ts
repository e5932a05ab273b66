import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { appendFileSync, cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { startProgram } from '../support/cli';
import { version } from '../../package.json';

const PROJECT = resolve(__dirname, '../..');
const BUILT = ['package.json', 'dist/cli.js', 'dist/program.js', 'dist/program.code', 'dist/cli/start'];
const DIGEST_BYTES = 32;

let root: string;
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'stagegate-code-'));
  for (const path of BUILT) cpSync(join(PROJECT, path), join(root, path), { recursive: true });
});
afterEach(() => {
  rmSync(root, { recursive: true, force: true });
});

const fileOf = (name: 'program.js' | 'program.code') => join(root, 'dist', name);

/** What V8 says of the code, in a process that has not compiled the program yet: null where it was given none. */
function isRefused(): boolean | null {
  const look = `const { programFiles, programScript } = require('./dist/cli/start/program.js');
    JSON.stringify(programScript(programFiles('dist')).cachedDataRejected ?? null)`;
  return JSON.parse(execFileSync(process.execPath, ['-p', look], { cwd: root, encoding: 'utf8' })) as boolean | null;
}

async function expectToRun(): Promise<void> {
  const { code, signal, stdout, stderr } = await startProgram(join(root, 'dist/cli.js'), ['--version']).ended;
  expect({ code, signal, stdout, stderr }).toEqual({ code: 0, signal: null, stdout: `${version}\n`, stderr: '' });
}

test('a build keeps code that its own Node.js takes, wherever the program is put', async () => {
  expect(isRefused()).toBe(false);
  await expectToRun();
});

test('the code of another Node.js is refused, and the program runs', async () => {
  const code = readFileSync(fileOf('program.code')).subarray(DIGEST_BYTES);
  // The hash of the version of V8.
  code.writeUInt32LE(~code.readUInt32LE(4) >>> 0, 4);
  const digest = createHash('sha256')
    .update(readFileSync(fileOf('program.js')))
    .update(code)
    .digest();
  writeFileSync(fileOf('program.code'), Buffer.concat([digest, code]));
  expect(isRefused()).toBe(true);
  await expectToRun();
});

test.each<[string, () => void]>([
  [
    'is missing',
    () => {
      rmSync(fileOf('program.code'));
    },
  ],
  [
    'is empty',
    () => {
      writeFileSync(fileOf('program.code'), '');
    },
  ],
  [
    'has only its first half',
    () => {
      const kept = readFileSync(fileOf('program.code'));
      writeFileSync(fileOf('program.code'), kept.subarray(0, kept.length / 2));
    },
  ],
  [
    // V8 ends the process over these: "Fatal error, unreachable code".
    'has other bytes in it',
    () => {
      const kept = readFileSync(fileOf('program.code'));
      writeFileSync(fileOf('program.code'), kept.fill(0xff, 5_000, 5_064));
    },
  ],
  [
    'is of a program that somebody has changed',
    () => {
      appendFileSync(fileOf('program.js'), '\n// changed');
    },
  ],
])('code that %s is not given to V8, and the program runs', async (_how, spoil) => {
  spoil();
  expect(isRefused()).toBe(null);
  await expectToRun();
});
