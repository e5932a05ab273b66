import Ajv2020 from 'ajv/dist/2020';
import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse } from 'yaml';
import { buildProject } from '../../../src/infrastructure/config/project/build-project';
import { BUILT_IN_DEFAULTS, DEFAULT_SUITE_ENV } from '../../../src/infrastructure/config/project/policy-defaults';
import { durationMs } from '../../../src/infrastructure/config/values/duration';
import { readProjectFile } from '../../../src/infrastructure/config/project/load-projects';
import { PROJECT_FILE_SCHEMA } from '../../../src/infrastructure/config/project/project-schema';
import type { Schema } from '../../../src/infrastructure/config/project/schema/schema-parts';
import {
  alertSinkTable,
  envExample,
  projectTable,
  schemaJson,
  serviceTable,
} from '../../../src/infrastructure/config/reference';
import { loadServiceConfig } from '../../../src/infrastructure/config/service-config';
import { SERVICE_KEYS } from '../../../src/infrastructure/config/service-keys';
import { DEFAULT_FLAKE_RETRIES } from '../../../src/domain/policy/project-policy';
import { NodeHasher } from '../../../src/infrastructure/system/node-hasher';

/** `UPDATE_GENERATED=1 npx jest test/infrastructure/config` writes what this file otherwise compares. */
const update = process.env.UPDATE_GENERATED === '1';
const ROOT = join(__dirname, '../../..');
const DOCS = join(ROOT, 'docs/configuration.md');

function expectGenerated(file: string, generated: string): void {
  const path = join(ROOT, file);
  if (update) writeFileSync(path, generated);
  expect(existsSync(path) ? readFileSync(path, 'utf8') : '').toBe(generated);
}

function expectGeneratedPart(name: string, generated: string): void {
  const start = `<!-- generated: ${name} -->\n`;
  const end = '\n<!-- end of generated part -->';
  const page = readFileSync(DOCS, 'utf8');
  const from = page.indexOf(start) + start.length;
  // An empty part has no line break of its own.
  const to = page.indexOf(end, from - 1);
  expect(page).toContain(start);
  if (update) writeFileSync(DOCS, page.slice(0, from) + generated + page.slice(to));
  else expect(page.slice(from, to)).toBe(generated);
}

describe('what is generated equals what is committed', () => {
  test('.env.example', () => {
    expectGenerated('.env.example', envExample());
  });

  test('stagegate.schema.json', () => {
    const path = join(ROOT, 'stagegate.schema.json');
    if (update) {
      writeFileSync(path, schemaJson());
      execFileSync(join(ROOT, 'node_modules/.bin/prettier'), ['--write', path]);
    }
    // By value: how the file is broken into lines is the formatter's business.
    expect(JSON.parse(readFileSync(path, 'utf8'))).toEqual(JSON.parse(schemaJson()));
  });

  test('the variables in docs/configuration.md', () => {
    expectGeneratedPart('variables', serviceTable());
  });

  test('the keys of a sink in docs/configuration.md', () => {
    expectGeneratedPart('alert sinks', alertSinkTable());
  });

  test('the project keys in docs/configuration.md', () => {
    expectGeneratedPart('project keys', projectTable());
  });
});

test('.env.example, with its comment signs taken away, is a valid environment and changes nothing', () => {
  const lines = envExample().match(/^#STAGEGATE_.*$/gm) ?? [];
  const environment = Object.fromEntries(
    lines.map((line) => line.slice(1).split(/=(.*)/s).slice(0, 2) as [string, string]),
  );
  expect(Object.keys(environment)).toHaveLength(Object.keys(SERVICE_KEYS).length);
  expect(loadServiceConfig(environment)).toEqual(loadServiceConfig({}));
});

test('the example project file is valid for editors and for the service', () => {
  const file = join(ROOT, 'stagegate.example.yml');
  const validate = new Ajv2020().compile(JSON.parse(schemaJson()) as object);
  expect(validate(parse(readFileSync(file, 'utf8')))).toBe(true);
  const projects = readProjectFile(file, new NodeHasher(), BUILT_IN_DEFAULTS).map(
    ({ project }) => project.policy.project,
  );
  expect(projects).toEqual(['site', 'web']);
});

describe('defaults are the same wherever they are written', () => {
  const project = PROJECT_FILE_SCHEMA.$defs.project.properties as unknown as Record<string, Schema>;
  const fallback = (key: string, child: string) => project[key]?.properties?.[child]?.default;
  const built = buildProject(new NodeHasher(), { project: 'p', repo: '/r', staging: { suite: 'true' } }).policy;

  test('in the schema and in a project that says nothing', () => {
    expect(built.staging).toMatchObject({
      timeoutMs: durationMs(fallback('staging', 'timeout') as string),
      graceMs: durationMs(fallback('staging', 'grace') as string),
      minIsolation: fallback('staging', 'minIsolation'),
      env: fallback('staging', 'env'),
    });
    expect(built.staging.env).toBe(DEFAULT_SUITE_ENV);
    expect(project.staging?.properties?.checkout?.properties?.depth?.default).toBe(built.staging.checkoutDepth);
    const budgets = Object.entries(project.budgets?.properties ?? {}).map(([key, schema]) => [key, schema.default]);
    expect(Object.fromEntries(budgets)).toEqual({ ...built.budgets, flake: DEFAULT_FLAKE_RETRIES });
    expect(built.backoff).toEqual({
      baseMs: durationMs(fallback('backoff', 'base') as string),
      maxMs: durationMs(fallback('backoff', 'max') as string),
    });
    for (const key of ['main', 'entryStages', 'requiredGates', 'onInfraExhausted'] as const) {
      expect(project[key]?.default).toEqual(built[key]);
    }
  });

  test('in the environment and in the code', () => {
    expect(loadServiceConfig({}).defaults).toEqual(BUILT_IN_DEFAULTS);
  });
});
