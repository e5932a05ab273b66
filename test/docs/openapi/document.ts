import { HTTP_CODE_METADATA, PARAMTYPES_METADATA } from '@nestjs/common/constants';
import { PARAMETERS_METADATA } from '../../../src/infrastructure/http/known-parameters';
import type { Scope } from '../../../src/domain/authority/principal';
import { stanceOf } from '../../../src/infrastructure/http/stance';
import { routes, type Route } from '../../support/routes';
import { textOf } from '../pages';
import { bodySchema } from './body-rules';
import { exampleOf } from './examples';
import { readSource, type Handler, type Source } from './handlers';
import { etagOf, headersOf, withHeaders } from './headers';
import { parameter } from './parameters';
import { PROBLEM_SCHEMAS } from './problems';
import type { Schema } from './schema';
import { problemsOf } from './statuses';

const JSON_TYPE = 'application/json';

/** The text of `openapi.json`. */
export function openapiText(): string {
  return `${JSON.stringify(openapi(), null, 2)}\n`;
}

/** The document: routes by what Nest knows of them, bodies and answers by their types, scopes by what their guard asks, codes by docs/rest.md. */
export function openapi(): Schema {
  const source = readSource();
  const paths: Record<string, Record<string, Schema>> = {};
  const statuses = new Set<number>();
  for (const route of routes()) {
    const path = route.path.replace(/:(\w+)/g, '{$1}');
    const problems = problemsOf(route, bodyOf(route) !== null);
    for (const status of problems) statuses.add(status);
    paths[path] = { ...paths[path], [route.method.toLowerCase()]: operation(route, source, problems) };
  }
  const { version } = JSON.parse(textOf('package.json')) as { version: string };
  return {
    openapi: '3.1.0',
    info: {
      title: 'stagegate',
      version,
      summary: 'Referees software delivery by agents.',
      description: 'What the routes are for is told in docs/rest.md.',
      license: { name: 'Apache-2.0', identifier: 'Apache-2.0' },
    },
    servers: [{ url: 'http://127.0.0.1:7420', description: 'Where a service listens that is told nothing else.' }],
    tags: [...new Set(routes().map(tagOf))].sort().map((name) => ({ name })),
    paths,
    components: {
      securitySchemes: {
        bearer: { type: 'http', scheme: 'bearer', description: 'A token; `stagegate token create` makes one.' },
      },
      responses: Object.fromEntries(
        [...statuses].sort().map((status) => [`Problem${status}`, problemResponse(status)]),
      ),
      schemas: schemasOf(source),
    },
  };
}

function operation(route: Route, source: Source, problems: readonly number[]): Schema {
  const key = `${route.controller.name}.${route.name}`;
  const handler = source.handlers.get(key);
  if (!handler || handler.summary === '')
    throw new Error(`expected a docstring of ${key}, which is what openapi.json says of its route, saw none; add it`);
  const body = bodyOf(route);
  const names = (Reflect.getMetadata(PARAMETERS_METADATA, route.handler) as readonly string[] | undefined) ?? [];
  const inPath = [...route.path.matchAll(/:(\w+)/g)].map(([, name = '']) => parameter('path', name));
  const scope = scopeOf(route);
  const status = statusOf(route);
  return {
    operationId: `${tagOf(route)}${route.name[0]?.toUpperCase() ?? ''}${route.name.slice(1)}`,
    tags: [tagOf(route)],
    summary: handler.summary,
    ...(scope !== null && { 'x-stagegate-scope': scope }),
    // Reading needs nothing where nobody but the machine itself comes in.
    ...(scope !== null && { security: [{ bearer: [scope] }, ...(scope === 'read' ? [{}] : [])] }),
    parameters: [...inPath, ...names.map((name) => parameter('query', name)), ...headersOf(route, handler.hasRanges)],
    ...(body && {
      requestBody: {
        required: true,
        content: {
          [JSON_TYPE]: {
            schema: { $ref: `#/components/schemas/${body.name}` },
            example: exampleOf(`${route.method} ${route.path}`),
          },
        },
      },
    }),
    responses: {
      // What is known already is answered so, and has no other status than reading.
      ...(status === 202 && { 200: answerOf(handler, key) }),
      [status]: withHeaders(answerOf(handler, key), route),
      ...(isSigned(route) && { 200: { ...answerOf(handler, key), description: 'Known already.' } }),
      ...(etagOf(route) !== undefined && { 304: { description: 'It is what is known already.' } }),
      ...(handler.hasRanges && { 206: partOf(handler, key) }),
      ...Object.fromEntries(problems.map((one) => [one, { $ref: `#/components/responses/Problem${one}` }])),
    },
  };
}

function answerOf({ answer, produces, orJson }: Handler, key: string): Schema {
  if (answer) return { description: 'As asked.', content: { [JSON_TYPE]: { schema: answer } } };
  if (produces === null)
    throw new Error(`${key} writes its answer itself: expected @produces with its media type; add it`);
  const content = {
    [produces]: { schema: { type: produces === JSON_TYPE ? 'object' : 'string' } },
    ...(orJson && { [JSON_TYPE]: { schema: orJson } }),
  };
  return { description: 'As asked.', content };
}

function partOf(handler: Handler, key: string): Schema {
  const range = { description: 'Which part it is, and of how many bytes.', schema: { type: 'string' } };
  return {
    ...answerOf(handler, key),
    description: 'The part that was asked for.',
    headers: { 'Content-Range': range },
  };
}

function problemResponse(status: number): Schema {
  const content = { 'application/problem+json': { schema: { $ref: '#/components/schemas/Problem' } } };
  return { description: `A problem of status ${status}.`, content };
}

function schemasOf(source: Source): Readonly<Record<string, Schema>> {
  const schemas: Record<string, Schema> = Object.fromEntries(source.components);
  for (const route of routes()) {
    const dto = bodyOf(route);
    if (dto) schemas[dto.name] = bodySchema(dto, source.components.get(dto.name) ?? {});
  }
  for (const [name, schema] of Object.entries(PROBLEM_SCHEMAS)) schemas[name] = schema();
  return Object.fromEntries(Object.entries(schemas).sort(([a], [b]) => (a < b ? -1 : 1)));
}

/** The class that validates the body of a route; null where none is taken. */
export function bodyOf({ controller, name }: Route): (new () => object) | null {
  const types = Reflect.getMetadata(PARAMTYPES_METADATA, controller.prototype as object, name) as
    readonly (new () => object)[] | undefined;
  return types?.find((type) => type.name.endsWith('Dto')) ?? null;
}

function isSigned({ handler }: Pick<Route, 'handler'>): boolean {
  return stanceOf(handler) === 'signed';
}

function statusOf({ method, handler }: Route): number {
  const said = Reflect.getMetadata(HTTP_CODE_METADATA, handler) as number | undefined;
  return said ?? (method === 'POST' ? 201 : 200);
}

function tagOf({ controller }: Route): string {
  const name = controller.name.replace(/Controller$/, '');
  return `${name[0]?.toLowerCase() ?? ''}${name.slice(1)}`;
}

function scopeOf({ handler }: Route): Scope | null {
  const stance = stanceOf(handler);
  return stance === 'everybody' || stance === 'signed' ? null : stance;
}
