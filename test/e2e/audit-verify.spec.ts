import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import Database from 'libsql';
import { runCli } from '../support/cli';
import { SampleRepository } from '../support/sample-repository';

jest.setTimeout(120_000);

const root = mkdtempSync(join(tmpdir(), 'stagegate-verify-'));
const projects = join(root, 'stagegate.yml');
const stateDir = join(root, 'state');
const env = { STAGEGATE_STATE_DIR: stateDir, STAGEGATE_PROJECTS: projects, STAGEGATE_PORT: '0' };
const file = join(root, 'log.jsonl');
const sample = new SampleRepository();

interface Said {
  readonly finding?: { readonly check: string; readonly stream?: string };
  readonly summary?: { readonly result: string; readonly events: number; readonly findings: number };
}

beforeAll(async () => {
  writeFileSync(
    projects,
    JSON.stringify({ version: 1, projects: { web: { repo: root, staging: { suite: 'true' } } } }),
  );
  sample.commit('feature', { 'a.txt': 'a\n' }, 'main');
  expect((await runCli(['land', 'feature', '--suite', 'true', '--repo', sample.dir])).code).toBe(0);
  expect((await runCli(['audit', 'export', '--repo', sample.dir, '--out', file])).code).toBe(0);
  expect((await runCli(['audit', 'import', '--in', file], env)).code).toBe(0);
});
afterAll(() => {
  sample.dispose();
  rmSync(root, { recursive: true, force: true });
});

const verify = (...more: string[]) => runCli(['audit', 'verify', ...more], env);

async function told(...more: string[]): Promise<{ readonly code: number | null; readonly said: readonly Said[] }> {
  const { code, stdout } = await verify(...more, '--json');
  const lines = stdout.trimEnd().split('\n');
  return { code, said: lines.map((line) => JSON.parse(line) as Said) };
}

test('a log is whole, in its store, in a file and where land keeps it', async () => {
  for (const at of [[], ['--export', file], ['--repo', sample.dir]]) {
    const { code, stdout, stderr } = await verify(...at);
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    expect(stdout).toMatch(/^\d+ events in \d+ streams: each is what was written \(\d+ ms\)\n$/);
  }
  const lines = readFileSync(file, 'utf8').trimEnd().split('\n').length - 2;
  expect(await told()).toMatchObject({ code: 0, said: [{ summary: { result: 'whole', events: lines, findings: 0 } }] });
});

test('every edited row is named, and nothing is written', async () => {
  const at = join(stateDir, 'events.db');
  const database = new Database(at);
  const kept = database.prepare('select position, meta from es_event order by position').raw().all() as [
    number,
    string,
  ][];
  const edited = kept.filter(([position]) => position % 7 === 3);
  for (const [position, meta] of edited)
    database
      .prepare('update es_event set meta = ? where position = ?')
      .run(meta.replace(/"at":"\d{4}/, '"at":"2001'), position);
  const rows = () => JSON.stringify(database.prepare('select * from es_event order by position').raw().all());
  const before = rows();
  try {
    expect(edited.length).toBeGreaterThan(2);
    const { code, said } = await told();
    expect(code).toBe(3);
    expect(said.flatMap(({ finding }) => (finding ? [finding] : []))).toMatchObject(
      edited.map(([position]) => ({ check: 'chain', position: String(position) })),
    );
    expect(said.at(-1)).toMatchObject({ summary: { result: 'changed', findings: edited.length } });
    expect(rows()).toBe(before);
    const { stdout } = await verify();
    expect(stdout).toMatch(
      /^position 3: \S+ \d+ \(\w+\): expected the hash of itself and of the event before it, saw another one$/m,
    );
    expect(stdout).toContain(`${edited.length} are not what was written; restore the log`);
  } finally {
    for (const [position, meta] of kept)
      database.prepare('update es_event set meta = ? where position = ?').run(meta, position);
    database.close();
  }
  expect((await verify()).code).toBe(0);
});

test('of a cut and edited file every such line is named', async () => {
  const lines = readFileSync(file, 'utf8').trimEnd().split('\n');
  const other = join(root, 'edited.jsonl');
  const edited = lines.with(3, (lines[3] ?? '').replace('"actor":"', '"actor":"x')).slice(0, -1);
  writeFileSync(other, `${edited.join('\n')}\n`);
  const { code, said } = await told('--export', other);
  expect(code).toBe(3);
  expect(said).toMatchObject([
    { finding: { check: 'chain', line: '4' } },
    { finding: { check: 'file', line: String(edited.length) } },
    { summary: { result: 'changed', findings: 2 } },
  ]);
});

test.each([
  [['--export', join(root, 'none.jsonl')], /none\.jsonl: expected a file that can be read, saw ENOENT/],
  [['--export', root], /expected a file, saw something else/],
  [['--repo', join(root, 'none')], /expected/],
  [['--export', file, '--repo', sample.dir], /--export: expected it without --repo, saw both; choose one/],
])('%j is refused in one line', async (flags, says) => {
  const { code, stdout, stderr } = await verify(...flags);
  expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
  expect(stderr).toMatch(says);
  expect(stderr.trimEnd()).not.toContain('\n');
});
