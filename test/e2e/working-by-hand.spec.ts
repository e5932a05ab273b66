import { execFileSync, spawn, type ChildProcess } from 'node:child_process';
import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { environment } from '../support/cli';
import { textOf } from '../docs/pages';

jest.setTimeout(240_000);

const PAGE = 'docs/working-by-hand.md';
const CLI = resolve(__dirname, '../../dist/cli.js');
const root = mkdtempSync(join(tmpdir(), 'stagegate-by-hand-'));
const bin = join(root, 'bin');
const place = join(root, 'place');
mkdirSync(bin);
mkdirSync(place);
writeFileSync(join(bin, 'stagegate'), `#!/bin/sh\nexec '${process.execPath}' '${CLI}' "$@"\n`);
chmodSync(join(bin, 'stagegate'), 0o755);

const PERSON = { NAME: 'Ann', EMAIL: 'ann@localhost' };
const env = environment({
  PATH: `${bin}:${process.env['PATH'] ?? ''}`,
  STAGEGATE_PORT: '0',
  STAGEGATE_LOG_LEVEL: 'error',
  ...Object.fromEntries(
    Object.entries(PERSON).flatMap(([key, value]) => [
      [`GIT_AUTHOR_${key}`, value],
      [`GIT_COMMITTER_${key}`, value],
    ]),
  ),
});
let service: ChildProcess | null = null;

afterAll(async () => {
  if (service?.exitCode === null) {
    const ended = new Promise((done) => service?.once('close', done));
    service.kill('SIGTERM');
    await ended;
  }
  rmSync(root, { recursive: true, force: true });
});

const sh = (text: string) => execFileSync('/bin/sh', ['-e', '-c', text], { cwd: place, env, encoding: 'utf8' });

/** What a reader would type and write, in the order of the page. */
function stepsOf(page: string): readonly (readonly [kind: string, text: string])[] {
  return [...page.matchAll(/^```(\w+)\n([\s\S]*?)^```$/gm)].map(([, kind = '', text = '']) => [kind, text]);
}

function serve(): Promise<void> {
  const child = spawn(join(bin, 'stagegate'), ['up'], { cwd: place, env, stdio: ['ignore', 'pipe', 'pipe'] });
  service = child;
  return new Promise((done, failed) => {
    let said = '';
    for (const stream of [child.stdout, child.stderr])
      stream.on('data', (chunk: Buffer) => {
        said += chunk.toString();
        if (said.includes('ready')) done();
      });
    child.once('close', () => {
      failed(new Error(`the service ended: ${said}`));
    });
  });
}

async function until(condition: () => boolean): Promise<void> {
  while (!condition()) await new Promise((done) => setTimeout(done, 300));
}

test('the page takes a task from created to done with no agent configured', async () => {
  const steps = stepsOf(textOf(PAGE));
  const last = steps.length - 1;
  const told: string[] = [];
  for (const [index, [kind, text]] of steps.entries()) {
    if (kind === 'yaml') writeFileSync(join(place, 'stagegate.yml'), text);
    else if (text.trim() === 'stagegate up') await serve();
    else {
      // "Some seconds later" is when the task is there.
      if (index === last) await until(() => sh('stagegate why shop.DISCOUNT').includes('finished'));
      told.push(sh(text));
    }
  }
  expect(told.at(-1)).toContain('price=90');
  const why = JSON.parse(sh('stagegate show shop.DISCOUNT --json')) as {
    entry: { stage: string };
    events: { type: string; actor: string; data: { outside?: { by: string } } }[];
  };
  expect(why.entry.stage).toBe('done');
  const taken = why.events.flatMap(({ type, data }) =>
    type === 'TransitionClaimed' && data.outside ? [data.outside.by] : [],
  );
  expect(taken).toHaveLength(5);
  expect(why.events.filter(({ type }) => type === 'StageAdvanced').length).toBeGreaterThanOrEqual(8);
});
