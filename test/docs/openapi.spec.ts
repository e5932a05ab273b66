import { execFileSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { openapi } from './openapi/document';
import type { Schema } from './openapi/schema';
import { ROOT } from './pages';

const PATH = join(ROOT, 'openapi.json');
const CLIENT = join(ROOT, 'src/client/api.ts');
const UPDATES = process.env['UPDATE_GENERATED'] === '1';

interface Operation {
  readonly operationId: string;
  readonly summary: string;
  readonly parameters: readonly { readonly description?: string; readonly example?: unknown }[];
  readonly requestBody?: { readonly content: Record<string, { readonly example?: object }> };
  readonly responses: Readonly<Record<string, object>>;
}

const made = openapi();
const text = `${JSON.stringify(made, null, 2)}\n`;
const operations = Object.values(made['paths'] as Record<string, Record<string, Operation>>).flatMap((path) =>
  Object.values(path),
);
const schemas = (made['components'] as { readonly schemas: Readonly<Record<string, Schema>> }).schemas;

it('openapi.json is what the program has', () => {
  if (UPDATES) writeFileSync(PATH, text);
  else expect(readFileSync(PATH, 'utf8')).toBe(text);
});

it('the types of the client are those of the document', () => {
  // Another package that jest cannot load.
  const bin = join(ROOT, 'node_modules/.bin/openapi-typescript');
  const client = execFileSync(process.execPath, [bin, PATH], { encoding: 'utf8', stdio: 'pipe' });

  if (UPDATES) writeFileSync(CLIENT, client);
  else expect(readFileSync(CLIENT, 'utf8')).toBe(client);
});

it('is a document of OpenAPI 3.1', () => {
  expect(made['openapi']).toBe('3.1.0');
  // A package that jest cannot load; its command fails where the document is not valid.
  const said = execFileSync(process.execPath, [join(ROOT, 'node_modules/.bin/validate-api'), PATH], {
    encoding: 'utf8',
  });
  expect(JSON.parse(said)).toEqual({ valid: true });
});

it('has an operation of its own name for each route', () => {
  const ids = operations.map(({ operationId }) => operationId);
  expect(new Set(ids).size).toBe(ids.length);
  expect(ids.filter((id) => !/^[a-z][A-Za-z]*$/.test(id))).toEqual([]);
});

it('describes every operation and parameter, and shows an example of each parameter and body', () => {
  for (const { operationId, summary, parameters, requestBody } of operations) {
    expect([operationId, summary]).toEqual([operationId, expect.stringMatching(/^[A-Z].*\.$/s)]);
    for (const each of parameters)
      expect(each).toMatchObject({
        description: expect.stringMatching(/\.$/) as string,
        example: expect.anything() as unknown,
      });
    for (const { example } of Object.values(requestBody?.content ?? {})) expect(example).toBeInstanceOf(Object);
  }
});

it('every reference leads to a component, and every component is referred to', () => {
  const references = [...text.matchAll(/"\$ref": "#\/components\/schemas\/(\w+)"/g)].map(([, name = '']) => name);
  expect([...new Set(references)].sort()).toEqual(Object.keys(schemas).sort());
});

it('says null as 3.1 does', () => {
  expect(text).not.toContain('"nullable"');
});

it('refuses unknown members of every body', () => {
  const bodies = Object.entries(schemas).filter(([name]) => name.endsWith('Dto'));
  expect(bodies.length).toBeGreaterThan(10);
  expect(bodies.filter(([, schema]) => schema['additionalProperties'] !== false)).toEqual([]);
});
