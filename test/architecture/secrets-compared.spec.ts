import { readFileSync } from 'node:fs';
import { relative, resolve } from 'node:path';
import ts from 'typescript';
import { filesBelow } from '../docs/pages';

const ROOT = resolve(__dirname, '../..');
/** Names under which secrets and their digests go. */
const SECRET = /secret|token|digest/i;
const EQUALITY: ReadonlySet<ts.SyntaxKind> = new Set([
  ts.SyntaxKind.EqualsEqualsEqualsToken,
  ts.SyntaxKind.ExclamationEqualsEqualsToken,
]);
const PLACES = /^src\/(?:domain\/access|application\/access|infrastructure\/http)\//;

/** Comparisons of two things of which one is called like a secret; with null, undefined or a text that stands there they tell nothing. */
function comparedIn(text: string): readonly string[] {
  const found: string[] = [];
  const visit = (node: ts.Node): void => {
    if (ts.isBinaryExpression(node) && EQUALITY.has(node.operatorToken.kind)) {
      const sides = [node.left, node.right];
      const isPlain = sides.some(
        (side) => ts.isLiteralExpression(side) || /^(?:null|undefined)$/.test(side.getText(source)),
      );
      if (!isPlain && sides.some((side) => SECRET.test(nameOf(side, source)))) found.push(node.getText(source));
    }
    ts.forEachChild(node, visit);
  };
  const source = ts.createSourceFile('x.ts', text, ts.ScriptTarget.ES2022, true);
  visit(source);
  return found;
}

/** What it is called: of a member, its own name. */
function nameOf(side: ts.Expression, source: ts.SourceFile): string {
  return ts.isPropertyAccessExpression(side) ? side.name.text : side.getText(source);
}

it('secrets and their digests are compared in one place, in a time that tells nothing', () => {
  const files = filesBelow('src').filter((file) => PLACES.test(file));
  const found = files.flatMap((file) =>
    comparedIn(readFileSync(resolve(ROOT, file), 'utf8')).map(
      (text) => `${relative(ROOT, resolve(ROOT, file))}: ${text}`,
    ),
  );
  expect(files).toContain('src/domain/access/same-digest.ts');
  expect(found).toEqual([]);
});

it('the scan does see what it looks for', () => {
  expect(comparedIn('if (token.digest === other.value || token.id === id) f();')).toEqual([
    'token.digest === other.value',
  ]);
  expect(comparedIn("const is = a !== operatorToken; const no = token === null || token === '';")).toEqual([
    'a !== operatorToken',
  ]);
});
