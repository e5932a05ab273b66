import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { startProgram } from '../support/cli';
import { SampleRepository } from '../support/sample-repository';
import { dependencies } from '../../package.json';

/** The same program as `dist/cli.js`, of which Node.js can tell the modules. */
const MODULES = resolve(__dirname, '../../dist/cli/main.js');
const PRELOAD = resolve(__dirname, '../support/loaded-modules.cjs');

const NEEDED = ['commander', 'kysely', 'libsql', 'picocolors', 'pino'];

let sample: SampleRepository;
let root: string;
beforeAll(() => {
  root = mkdtempSync(join(tmpdir(), 'stagegate-loads-'));
  sample = new SampleRepository();
  sample.commit('feature', { 'a.txt': 'a\n' }, 'main');
});
afterAll(() => {
  sample.dispose();
  rmSync(root, { recursive: true, force: true });
});

/** Packages that a landing has loaded, from its start to its end. */
async function packagesOfLanding(): Promise<ReadonlySet<string>> {
  const list = join(root, 'loaded.json');
  const env = { STAGEGATE_SELFTEST_LOADED_MODULES: list, NODE_OPTIONS: `--require ${PRELOAD}` };
  const args = ['land', 'feature', '--repo', sample.dir, '--suite', 'true'];
  const { code, stdout } = await startProgram(MODULES, args, env).ended;
  expect({ code, stdout }).toMatchObject({ code: 0, stdout: expect.stringContaining('landed: ') as string });
  const loaded = JSON.parse(readFileSync(list, 'utf8')) as readonly string[];
  return new Set(loaded.flatMap((path) => /.*\/node_modules\/((?:@[^/]+\/)?[^/]+)/.exec(path)?.[1] ?? []));
}

test('of all packages that the program depends on, land loads those alone that it needs', async () => {
  const loaded = await packagesOfLanding();
  expect(Object.keys(dependencies).filter((name) => loaded.has(name))).toEqual(NEEDED);
});
