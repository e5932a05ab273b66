import { chmodSync, mkdirSync, writeFileSync } from 'node:fs';
import type { RunSpec } from '../../../src/application/ports/process-runner';
import { preflight } from '../../../src/infrastructure/processes/launch/preflight';
import { ProcessYard } from '../../support/process-yard';

const yard = new ProcessYard();
afterAll(() => {
  yard.close();
});

function reasonOf(command: readonly string[], more: Partial<RunSpec> = {}): string | null {
  return preflight(yard.spec(command, more))?.reason ?? null;
}

const isRoot = process.getuid?.() === 0;

describe('what would be reported ambiguously is found before anything starts', () => {
  beforeAll(() => {
    mkdirSync(yard.path('folder'));
    writeFileSync(yard.path('plain'), 'no program');
    writeFileSync(yard.path('tool'), '#!/bin/sh\nexit 0\n');
    chmodSync(yard.path('tool'), 0o755);
  });

  test('a program on the path, by relative and by absolute name, is fine', () => {
    expect(reasonOf(['true'])).toBeNull();
    expect(reasonOf(['./tool'])).toBeNull();
    expect(reasonOf([yard.path('tool')])).toBeNull();
  });

  test.each([
    ['a program that is nowhere', ['no-such-program'], 'command_not_found'],
    ['a path that is not there', ['./missing'], 'command_not_found'],
    ['a file that may not be executed', ['./plain'], 'not_executable'],
    ['a folder', ['./folder'], 'not_executable'],
    ['an empty name', [''], 'bad_spec'],
    ['a NUL byte in an argument', ['true', 'a\0b'], 'bad_spec'],
    ['more bytes than the kernel takes', ['true', ...Array<string>(20).fill('x'.repeat(100_000))], 'bad_spec'],
    ['one argument above 128 KiB, although the sum is small', ['true', 'x'.repeat(131_072)], 'bad_spec'],
  ])('%s', (_case, command, reason) => {
    expect(reasonOf(command)).toBe(reason);
  });

  test.each([
    ['a folder that is not there', { cwd: '/nonexistent/folder' }, 'cwd_missing'],
    ['a file as folder', { cwd: '/etc/hostname' }, 'cwd_missing'],
    ['a NUL byte in the environment', { env: { A: 'a\0b' } }, 'bad_spec'],
    ['no time', { timeoutMs: 0 }, 'bad_spec'],
    ['a time that is no number', { timeoutMs: Number.NaN }, 'bad_spec'],
    ['a time that no timer can hold: it would be over at once', { timeoutMs: 2 ** 31 }, 'bad_spec'],
    ['endless time', { timeoutMs: Number.POSITIVE_INFINITY }, 'bad_spec'],
    ['a negative grace', { graceMs: -1 }, 'bad_spec'],
    ['a run id that would leave the folder of run files', { runId: '../evil' }, 'bad_spec'],
    ['a witness that is no pattern', { witness: { kind: 'output', pattern: '(' } as const }, 'bad_spec'],
  ])('%s', (_case, more, reason) => {
    expect(reasonOf(['true'], more)).toBe(reason);
  });

  test('no grace at all is a wish that can be granted', () => {
    expect(reasonOf(['true'], { graceMs: 0 })).toBeNull();
  });

  test('a program that only an unlisted folder holds is not found', () => {
    expect(reasonOf(['tool'], { env: { PATH: '/usr/bin:/bin' } })).toBe('command_not_found');
    expect(reasonOf(['tool'], { env: { PATH: `/usr/bin:${yard.work}` } })).toBeNull();
  });

  test('without PATH the usual folders count', () => {
    expect(reasonOf(['true'], { env: {} })).toBeNull();
  });

  test('a folder that may not be entered, which only an ordinary user notices', () => {
    mkdirSync(yard.path('closed'), { mode: 0o600 });
    expect(reasonOf(['true'], { cwd: yard.path('closed') })).toBe(isRoot ? null : 'cwd_missing');
  });

  test('none of it ever comes out as a rejection', async () => {
    const bad = [{ runId: '../evil' }, { cwd: '/nonexistent' }, { timeoutMs: -1 }, { env: { A: '\0' } }];
    for (const more of bad) {
      const run = await yard.run(['true'], more);
      expect(run).toMatchObject({ kind: 'tool_error', executed: false, retryable: false });
    }
  });
});
