import { execFileSync } from 'node:child_process';
import { resolve } from 'node:path';

const ROOT = resolve(__dirname, '../..');

/** Rules that a text breaks if it stood in an existing file (the type-checked rules need one that the project knows). */
function broken(file: string, text: string): readonly string[] {
  const args = ['node_modules/eslint/bin/eslint.js', '--stdin', '--stdin-filename', file, '--format', 'json'];
  let out: string;
  try {
    out = execFileSync(process.execPath, args, {
      cwd: ROOT,
      input: text,
      encoding: 'utf8',
      stdio: ['pipe', 'pipe', 'pipe'],
    });
  } catch (error) {
    // Exit code 1: it found something.
    out = (error as { stdout: string }).stdout;
  }
  const [result] = JSON.parse(out) as { messages: { ruleId: string; message: string }[] }[];
  return (result?.messages ?? []).map(({ ruleId, message }) => `${ruleId} ${message}`);
}

it('hidden inputs are banned from the domain', () => {
  const text = `export const x = [Date.now(), Math.random(), process.env, setTimeout(() => 1, 1), console.log(1), crypto.randomUUID()];`;
  const found = broken('src/domain/json.ts', text).join('\n');
  for (const name of ['Date', 'process', 'setTimeout', 'console', 'crypto'])
    expect(found).toContain(`Unexpected use of '${name}'`);
  expect(found).toContain('Randomness is a port');
}, 30_000);

it('hidden inputs are banned from the application too, and Nest reactions everywhere', () => {
  const text = `import { EventBus, Saga, AggregateRoot } from '@nestjs/cqrs';\nimport { forwardRef } from '@nestjs/common';\nexport const x = [Date.now(), EventBus, Saga, AggregateRoot, forwardRef];`;
  const found = broken('src/application/sleep.ts', text).join('\n');
  expect(found).toContain("Unexpected use of 'Date'");
  for (const name of ['EventBus', 'Saga', 'AggregateRoot', 'forwardRef']) expect(found).toContain(`'${name}' import`);
}, 30_000);

it('a forgotten promise and a forgotten union member are errors', () => {
  const text = `type T = 'a' | 'b';\nexport async function f(t: T): Promise<number> { switch (t) { case 'a': return 1; } return 2; }\nexport function g(): void { f('a'); }`;
  const found = broken('src/application/sleep.ts', text).join('\n');
  expect(found).toContain('switch-exhaustiveness-check');
  expect(found).toContain('no-floating-promises');
}, 30_000);
