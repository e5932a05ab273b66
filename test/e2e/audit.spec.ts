import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openSqliteEventStore } from '../../src/infrastructure/event-stores/sqlite/sqlite-event-store';
import { until } from '../contract/support/until';
import { ChainedLog } from '../support/chained-log';
import { lastJson, runCli, startCli } from '../support/cli';
import { check } from '../support/invariants';
import { SampleRepository } from '../support/sample-repository';

jest.setTimeout(60_000);

const root = mkdtempSync(join(tmpdir(), 'stagegate-audit-'));
let made = 0;
afterAll(() => {
  rmSync(root, { recursive: true, force: true });
});

/** A service that has not been started yet. */
function place(): { env: Record<string, string>; stateDir: string; events: string } {
  made += 1;
  const stateDir = join(root, `state-${made}`);
  const file = join(root, `stagegate-${made}.yml`);
  writeFileSync(file, JSON.stringify({ version: 1, projects: { web: { repo: root, staging: { suite: 'true' } } } }));
  const env = { STAGEGATE_STATE_DIR: stateDir, STAGEGATE_PROJECTS: file, STAGEGATE_PORT: '0' };
  return { env, stateDir, events: join(stateDir, 'events.db') };
}

/** One with a log. */
async function placeWithLog(count = 30) {
  const at = place();
  const store = await openSqliteEventStore(at.events);
  await new ChainedLog(store).fill(count, 4);
  await store.close();
  return at;
}

const exportTo = (env: Record<string, string>, ...more: string[]) => runCli(['audit', 'export', ...more], env);
const importFrom = (env: Record<string, string>, file: string) => runCli(['audit', 'import', '--in', file], env);

async function exportedFile(count = 30): Promise<string> {
  const { env } = await placeWithLog(count);
  const file = join(root, `log-${made}.jsonl`);
  expect((await exportTo(env, '--out', file)).code).toBe(0);
  return file;
}

it('a log goes through a pipe into another store, and comes back the same', async () => {
  const from = await placeWithLog();
  const to = place();
  const call = `"${process.execPath}" dist/cli.js audit`;
  const script = `STAGEGATE_STATE_DIR='${from.stateDir}' ${call} export | STAGEGATE_STATE_DIR='${to.stateDir}' ${call} import`;
  const said = execFileSync('sh', ['-c', script], { encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] });
  expect(said).toMatch(/^30 events, 30 of them appended, 0 were there \(\d+ ms\)\n$/);
  const [one, other] = [await exportTo(from.env), await exportTo(to.env)];
  expect(other.stdout).toBe(one.stdout);
  expect(one.stderr).toMatch(/^30 events, \d+ bytes, sha256 [0-9a-f]{64} \(\d+ ms\)\n$/);
  expect(existsSync(join(to.stateDir, 'import.json'))).toBe(false);
});

it('with --json both say what they did', async () => {
  const { env } = await placeWithLog();
  const file = join(root, 'with-json.jsonl');
  const written = lastJson(await exportTo(env, '--out', file, '--json')) as { bytes: number; sha256: string };
  expect(written).toMatchObject({ file, events: 30, durationMs: expect.any(Number) as number });
  expect(written.bytes).toBe(statSync(file).size);
  expect(readFileSync(file, 'utf8')).toContain(`"events":30,"sha256":"${written.sha256}"}`);
  expect(statSync(file).mode & 0o777).toBe(0o600);
  const read = await runCli(['audit', 'import', '--in', file, '--json'], place().env);
  expect(lastJson(read)).toMatchObject({ events: 30, appended: 30, held: 0 });
});

it('what land has written is a whole log, and moves into the store of a service', async () => {
  const sample = new SampleRepository();
  try {
    sample.commit('feature', { 'a.txt': 'a\n' }, 'main');
    expect((await runCli(['land', 'feature', '--suite', 'true', '--repo', sample.dir])).code).toBe(0);
    const file = join(root, 'land.jsonl');
    expect((await exportTo({}, '--repo', sample.dir, '--out', file)).code).toBe(0);
    const to = place();
    expect((await importFrom(to.env, file)).code).toBe(0);
    const store = await openSqliteEventStore(to.events);
    const { events } = await store.readAll({ prefixes: [''], limit: 1_000 });
    await store.close();
    expect(events.length).toBeGreaterThan(15);
    expect(check(events, { isAtRest: true })).toEqual([]);
    const queue = lastJson(await runCli(['queue', '--json'], to.env));
    expect(queue).toMatchObject({ finished: { done: 1 } });
  } finally {
    sample.dispose();
  }
});

it('an import that is killed keeps the store from being used, until it is run again', async () => {
  const file = await exportedFile(2_000);
  const to = place();
  const running = startCli(['audit', 'import', '--in', file], to.env);
  await until('the first append is on its way', () => existsSync(join(to.stateDir, 'import.json')));
  running.child.kill('SIGKILL');
  await running.ended;
  for (const verb of [['queue'], ['up']]) {
    const { code, stderr } = await runCli(verb, to.env);
    expect({ code, stderr }).toMatchObject({
      code: 2,
      stderr: expect.stringMatching(
        /^stagegate: event store: expected all 2000 events of the log that was being imported, saw the import end before; run stagegate audit import with the same log again\n$/,
      ) as string,
    });
  }
  const other = await runCli(['queue'], { ...to.env, STAGEGATE_EVENT_STORE_URL: 'file:another.db' });
  expect(other.code).toBe(0);
  const again = lastJson(await runCli(['audit', 'import', '--in', file, '--json'], to.env));
  expect(again).toMatchObject({ events: 2_000 });
  expect((await runCli(['queue'], to.env)).code).toBe(0);
  expect((await exportTo(to.env)).stdout).toBe(readFileSync(file, 'utf8'));
});

describe('is refused in one line:', () => {
  const refused = async (run: Promise<{ code: number | null; stdout: string; stderr: string }>, says: RegExp) => {
    const { code, stdout, stderr } = await run;
    expect({ code, stdout, lines: stderr.split('\n').length }).toEqual({ code: 2, stdout: '', lines: 2 });
    expect(stderr).toMatch(says);
  };

  it('an export of a store that is not there, which makes none', async () => {
    const { env, events } = place();
    await refused(
      exportTo(env),
      /^stagegate: .*events\.db: expected an event store, saw no file; set STAGEGATE_STATE_DIR/,
    );
    expect(existsSync(events)).toBe(false);
  });

  it('an export of a store in memory, and an import into one', async () => {
    const env = { ...place().env, STAGEGATE_EVENT_STORE_URL: 'memory:' };
    await refused(exportTo(env), /STAGEGATE_EVENT_STORE_URL: expected a store that other processes can read/);
    await refused(importFrom(env, 'x'), /STAGEGATE_EVENT_STORE_URL: expected a store that outlives this command/);
  });

  it('an export onto a file that is there, which stays', async () => {
    const { env } = await placeWithLog();
    const file = join(root, 'precious');
    writeFileSync(file, 'precious');
    await refused(
      exportTo(env, '--out', file),
      /^stagegate: --out: expected no file yet at .*precious, saw one; choose/,
    );
    await refused(exportTo(env, '--out', join(root, 'none', 'x')), /--out: expected no file yet at .*, saw ENOENT/);
    expect(readFileSync(file, 'utf8')).toBe('precious');
  });

  it('an import of what cannot be read twice, or is not there', async () => {
    const { env } = place();
    await refused(importFrom(env, join(root, 'none')), /none: expected a file that can be read, saw ENOENT; name one/);
    await refused(importFrom(env, root), /: expected a file, saw something else; redirect it into the command/);
    await refused(importFrom(env, '/dev/null'), /null: expected a file, saw something else/);
  });

  it('an import of nothing at all', async () => {
    await refused(runCli(['audit', 'import'], place().env), /line 1: expected .*, saw an empty file/);
  });

  it('an import of a cut log, which stores nothing', async () => {
    const file = await exportedFile();
    const cut = join(root, 'cut.jsonl');
    writeFileSync(cut, readFileSync(file, 'utf8').slice(0, -300));
    const to = place();
    await refused(importFrom(to.env, cut), /saw the end of the file after 29 events: it was cut; export again/);
    const store = await openSqliteEventStore(to.events);
    expect((await store.readAll({ prefixes: [''], limit: 1 })).events).toEqual([]);
    await store.close();
    expect(existsSync(join(to.stateDir, 'import.json'))).toBe(false);
  });

  it('an import into a store with another log', async () => {
    const to = await placeWithLog(10);
    const store = await openSqliteEventStore(to.events);
    await new ChainedLog(store, 'other').append('lane-web', { other: true });
    await store.close();
    await refused(importFrom(to.env, await exportedFile()), /expected it to be empty or to hold the beginning of this/);
  });

  it('an import where a service runs', async () => {
    const sample = new SampleRepository();
    const to = place();
    mkdirSync(to.stateDir);
    const web = { repo: sample.dir, staging: { suite: 'true' } };
    writeFileSync(to.env['STAGEGATE_PROJECTS'] ?? '', JSON.stringify({ version: 1, projects: { web } }));
    const service = startCli(['up', '--json'], to.env);
    try {
      await service.saw(/"ready"/);
      const file = await exportedFile();
      await refused(importFrom(to.env, file), /expected no service on .*, saw .* at http:.*; stop it first/);
    } finally {
      service.child.kill('SIGTERM');
      await service.ended;
      sample.dispose();
    }
  });
});

it('an export that nobody reads to its end does not end well', async () => {
  const { env } = await placeWithLog(1_500);
  const { child, ended } = startCli(['audit', 'export'], env);
  child.stdout.once('data', () => child.stdout.destroy());
  expect((await ended).code).toBe(2);
});
