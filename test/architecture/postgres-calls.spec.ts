import { readdirSync, readFileSync } from 'node:fs';
import { join, relative, resolve } from 'node:path';
import ts from 'typescript';

const ROOT = resolve(__dirname, '../..');
const PLACE = 'src/infrastructure/postgres/';
/** Of the driver, what connects to nothing. */
const HARMLESS = ['escapeIdentifier', 'types'];

const sources = readdirSync(join(ROOT, 'src'), { recursive: true, encoding: 'utf8' })
  .filter((name) => name.endsWith('.ts'))
  .map((name) => join(ROOT, 'src', name))
  .map((file) => ts.createSourceFile(file, readFileSync(file, 'utf8'), ts.ScriptTarget.Latest, true));

/** Values that a file takes from the driver, `*` for all of it; types are none. */
function takenFrom(source: ts.SourceFile): readonly string[] {
  const found: string[] = [];
  const visit = (node: ts.Node): void => {
    if (ts.isImportDeclaration(node) && nameOf(node.moduleSpecifier) === 'pg')
      found.push(...valuesOf(node.importClause));
    if (ts.isCallExpression(node) && isLoading(node) && nameOf(node.arguments[0]) === 'pg') found.push('*');
    ts.forEachChild(node, visit);
  };
  visit(source);
  return found;
}

function valuesOf(clause: ts.ImportClause | undefined): readonly string[] {
  if (!clause || clause.phaseModifier === ts.SyntaxKind.TypeKeyword) return [];
  const { namedBindings } = clause;
  if (!namedBindings || !ts.isNamedImports(namedBindings)) return ['*'];
  return namedBindings.elements
    .filter(({ isTypeOnly }) => !isTypeOnly)
    .map(({ name, propertyName }) => (propertyName ?? name).text);
}

function isLoading({ expression }: ts.CallExpression): boolean {
  return expression.kind === ts.SyntaxKind.ImportKeyword || expression.getText() === 'require';
}

function nameOf(node: ts.Expression | undefined): string | null {
  return node && ts.isStringLiteralLike(node) ? node.text : null;
}

const takers = sources.map((source) => ({ file: relative(ROOT, source.fileName), values: takenFrom(source) }));

test('connections to PostgreSQL are made in one place, with the limits and settings that all of them have', () => {
  const elsewhere = takers.filter(
    ({ file, values }) => !file.startsWith(PLACE) && values.some((value) => !HARMLESS.includes(value)),
  );
  expect(elsewhere).toEqual([]);
  const makers = takers.filter(({ values }) => values.some((value) => ['Client', 'Pool', '*'].includes(value)));
  expect(makers.map(({ file }) => file).sort()).toEqual([`${PLACE}connection.ts`, `${PLACE}sessions.ts`]);
});

test('the scan does see what it looks for', () => {
  const text = `import { Client, type Pool, types as t } from 'pg'; import * as all from 'pg'; await import('pg');`;
  const source = ts.createSourceFile('x.ts', text, ts.ScriptTarget.Latest, true);
  expect(takenFrom(source)).toEqual(['Client', 'types', '*', '*']);
});
