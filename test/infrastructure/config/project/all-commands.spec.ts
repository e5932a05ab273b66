import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { commandsOf } from '../../../../src/domain/policy/commands';
import { BUILT_IN_DEFAULTS } from '../../../../src/infrastructure/config/project/policy-defaults';
import { readProjectFile } from '../../../../src/infrastructure/config/project/load-projects';
import { NodeHasher } from '../../../../src/infrastructure/system/node-hasher';

interface Schema {
  readonly $ref?: string;
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly additionalProperties?: Schema | boolean;
  readonly $defs?: Readonly<Record<string, Schema>>;
}

const SCHEMA = JSON.parse(readFileSync(resolve(__dirname, '../../../../stagegate.schema.json'), 'utf8')) as Schema;

/** Where a project can have commands, by what its schema allows. */
function keysIn(given: Schema, at = ''): readonly string[] {
  const schema = given.$ref === undefined ? given : (SCHEMA.$defs?.[given.$ref.replace('#/$defs/', '')] ?? {});
  return Object.entries(schema.properties ?? {}).flatMap(([name, member]) =>
    ['setup', 'suite', 'command'].includes(name) ? [`${at}${name}`] : keysIn(member, `${at}${name}.`),
  );
}

const project = SCHEMA.properties?.['projects']?.additionalProperties as Schema;
const folder = mkdtempSync(join(tmpdir(), 'stagegate-commands-'));
afterAll(() => {
  rmSync(folder, { recursive: true });
});

test('all commands that a project file can have are among those that are looked at', () => {
  const keys = keysIn(project);
  const blocks = ['security.command', 'coverage.command', 'image.command', 'deploy.command'];
  expect(keys).toEqual(expect.arrayContaining(['retest.setup', ...blocks]));
  const reports = { security: { report: 'r.sarif' }, coverage: { report: 'lcov.info' }, image: { report: 'r.json' } };
  const web: Record<string, Record<string, unknown> | string> = { repo: '/r', ...reports };
  for (const key of keys) {
    const [block = '', ...rest] = key.split('.');
    const [name = '', below] = rest;
    const inner = below === undefined ? { [name]: `run ${key}` } : { [name]: { [below]: `run ${key}` } };
    web[block] = { ...(web[block] as object | undefined), ...inner };
  }
  const file = join(folder, 'stagegate.yml');
  writeFileSync(file, JSON.stringify({ version: 1, projects: { web } }));
  const [read] = readProjectFile(file, new NodeHasher(), BUILT_IN_DEFAULTS);
  const found = read ? commandsOf(read.project.policy) : [];
  expect(found.map(({ key }) => key).sort()).toEqual([...keys].sort());
  expect(found.map(({ command }) => command)).toEqual(found.map(({ key }) => `run ${key}`));
});
