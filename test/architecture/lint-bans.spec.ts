import { execFileSync } from 'node:child_process';
import { copyFileSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, relative, resolve } from 'node:path';

const ROOT = resolve(__dirname, '../..');

const SEEDS: Readonly<Record<string, string>> = {
  'src/domain/json.ts': `export const x = [Date.now(), Math.random(), process.env, setTimeout(() => 1, 1), console.log(1), crypto.randomUUID()];`,
  'src/domain/instant.ts': `export const at = Date.parse('2026-01-01');`,
  'src/application/sleep.ts': `export const x = [Date.now(), Math.random()];`,
  'src/infrastructure/nest.ts': `import { EventBus, Saga, AggregateRoot } from '@nestjs/cqrs';\nimport { forwardRef } from '@nestjs/common';\nexport const x = [EventBus, Saga, AggregateRoot, forwardRef];`,
  'src/infrastructure/print.ts': `import { stdout } from 'node:process';\nimport { userInfo } from 'node:os';\nimport pc from 'picocolors';\nprocess.stdout.write('x');\nprocess['stderr'].write('x');\nconsole.log('x');\nexport const x = [stdout, pc, userInfo];`,
  'src/application/nest.ts': `import { EventBus } from '@nestjs/cqrs';\nexport const x = EventBus;`,
  'src/application/typed.ts': `type T = 'a' | 'b';\nexport async function f(t: T): Promise<number> { switch (t) { case 'a': return 1; } return 2; }\nexport function g(): void { f('a'); }`,
};

/** What the project's configuration says about each seed, a line for each broken rule. */
let found: Readonly<Record<string, string>>;

beforeAll(() => {
  const tree = mkdtempSync(join(tmpdir(), 'stagegate-lint-'));
  try {
    for (const [file, text] of Object.entries(SEEDS)) {
      mkdirSync(dirname(join(tree, file)), { recursive: true });
      writeFileSync(join(tree, file), `${text}\n`);
    }
    copyFileSync(join(ROOT, 'tsconfig.json'), join(tree, 'tsconfig.json'));
    found = broken(tree);
  } finally {
    rmSync(tree, { recursive: true, force: true });
  }
}, 60_000);

/** In a tree of their own the type-checked rules need a program of a few files; beside the sources they load them all. */
function broken(cwd: string): Readonly<Record<string, string>> {
  const eslint = join(ROOT, 'node_modules/eslint/bin/eslint.js');
  const args = [eslint, '--config', join(ROOT, 'eslint.config.mjs'), '--format', 'json', 'src'];
  let out: string;
  try {
    out = execFileSync(process.execPath, args, { cwd, encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] });
  } catch (error) {
    // Exit code 1: it found something.
    out = (error as { stdout: string }).stdout;
  }
  const results = JSON.parse(out) as { filePath: string; messages: { ruleId: string; message: string }[] }[];
  const lines = ({ messages }: (typeof results)[0]) => messages.map(({ ruleId, message }) => `${ruleId} ${message}`);
  return Object.fromEntries(results.map((result) => [relative(cwd, result.filePath), lines(result).join('\n')]));
}

it('hidden inputs are banned from the domain', () => {
  for (const name of ['Date', 'process', 'setTimeout', 'console', 'crypto'])
    expect(found['src/domain/json.ts']).toContain(`Unexpected use of '${name}'`);
  expect(found['src/domain/json.ts']).toContain('Randomness is a port');
});

it('the one place that converts instants may know Date', () => {
  expect(found['src/domain/instant.ts']).toBe('');
});

it('hidden inputs are banned from the application too, and Nest reactions everywhere', () => {
  expect(found['src/application/sleep.ts']).toContain("Unexpected use of 'Date'");
  expect(found['src/application/sleep.ts']).toContain('Randomness is a port');
  expect(found['src/application/nest.ts']).toContain("'EventBus' import");
  for (const name of ['EventBus', 'Saga', 'AggregateRoot', 'forwardRef'])
    expect(found['src/infrastructure/nest.ts']).toContain(`'${name}' import`);
});

it('nothing but the place for it writes to stdout or stderr, and nothing but the place for it knows colours', () => {
  const lines = found['src/infrastructure/print.ts'] ?? '';
  for (const property of ['stdout', 'stderr']) expect(lines).toContain(`'process.${property}' is restricted`);
  expect(lines).toContain("'node:process' import is restricted");
  expect(lines).toContain('no-console');
  expect(lines).toContain("'userInfo' import from 'node:os' is restricted");
  expect(lines).toContain('Styles are in cli/styled.ts');
});

it('a forgotten promise and a forgotten union member are errors', () => {
  expect(found['src/application/typed.ts']).toContain('switch-exhaustiveness-check');
  expect(found['src/application/typed.ts']).toContain('no-floating-promises');
});
