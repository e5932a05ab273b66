import 'reflect-metadata';
import { plainToInstance } from 'class-transformer';
import { validateSync } from 'class-validator';
import { routes } from '../support/routes';
import { bodyOf } from './openapi/document';
import { compiled } from './openapi/compiled';
import { exampleOf } from './openapi/examples';

/** Around every limit that a rule of a body has. */
const VALUES: readonly unknown[] = [
  ...[null, true, -1, 0, 5, 9, 10, 1.5, 1e9, {}, { a: 1 }, '', 'a', '7', 'A b', 'on', 'created', 'agent', '*'],
  ...['x'.repeat(40), 'x'.repeat(41), 'x'.repeat(64), 'x'.repeat(65), 'x'.repeat(200), 'x'.repeat(201)],
  ...['x'.repeat(500), 'x'.repeat(501), 'x'.repeat(65_536), 'x'.repeat(65_537), '2026-11-24T22:46:31Z'],
  ...[
    [],
    [1],
    ['web.T1'],
    ['web.T1', 'web.T1'],
    ['a'],
    ['read'],
    ['read', 'read'],
    ['src/a.ts'],
    [{ name: 'a', text: 'b' }],
  ],
  ...[
    Array.from({ length: 21 }, (_, index) => `web.T${index}`),
    Array.from({ length: 51 }, (_, index) => `a/${index}`),
  ],
  ...[[{ name: 'a' }], [{ name: 'a', text: 'b', more: 1 }], [{ name: 1, text: 'b' }]],
];

const BODIES = routes().flatMap((route) => {
  const dto = bodyOf(route);
  return dto ? [[`${route.method} ${route.path}`, dto] as const] : [];
});

it.each(BODIES)('the body of %s is taken and refused by the document as by the program', (route, dto) => {
  const isDocumented = compiled(dto.name);
  const isValid = (body: object) =>
    validateSync(plainToInstance(dto, body), { whitelist: true, forbidNonWhitelisted: true }).length === 0;
  const example = exampleOf(route);
  const members = [...Object.keys(compiled.properties(dto.name)), 'unknown'];
  const bodies = members.flatMap((member) => VALUES.map((value) => ({ ...example, [member]: value })));
  const others = members.map((member) =>
    Object.fromEntries(Object.entries(example).filter(([name]) => name !== member)),
  );
  const differing = [...bodies, ...others].filter((body) => isDocumented(body) !== isValid(body));
  expect(differing.map((body) => JSON.stringify(body).slice(0, 200))).toEqual([]);
});
