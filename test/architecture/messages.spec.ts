import { readdirSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import ts from 'typescript';
import { oddPunctuation } from '../support/punctuation';

const ROOT = resolve(__dirname, '../..', 'src');
/** Programs, patterns and statements of SQL: no messages. */
const NO_MESSAGES =
  /^cli\/demo\/(?:(?:full\/full-)?stories|gates\/gate-(?:tales|tools))\.ts$|^domain\/failures\/rules\/line-patterns\.ts$|^infrastructure\/(?:event-stores\/|postgres\/check-session|processes\/launch\/(?:handshake|launch-line))|^projections\//;
/** Marks by themselves: what the pieces are joined by. */
const GLUE = /^\W*$/;

const files = readdirSync(ROOT, { recursive: true, encoding: 'utf8' }).filter((name) => name.endsWith('.ts'));

/** Every text of the program that people may read, with `x` for what is filled in. */
function textsOf(source: ts.SourceFile): readonly string[] {
  const found: string[] = [];
  const visit = (node: ts.Node): void => {
    if (ts.isTemplateExpression(node))
      found.push([node.head.text, ...node.templateSpans.map(({ literal }) => literal.text)].join('x'));
    else if (ts.isStringLiteralLike(node)) found.push(node.text);
    ts.forEachChild(node, visit);
  };
  visit(source);
  return found.filter((text) => text.includes(' ') && !GLUE.test(text));
}

it('no text of the program is punctuated oddly', () => {
  const odd = files
    .filter((file) => !NO_MESSAGES.test(file) || /-errors\.ts$|troubles\.ts$|event-words\.ts$/.test(file))
    .flatMap((file) => {
      const source = ts.createSourceFile(file, readFileSync(join(ROOT, file), 'utf8'), ts.ScriptTarget.Latest, true);
      return textsOf(source).map((text) => [file, text, oddPunctuation(text.trim())] as const);
    })
    // What a text ends with may be where another one is put.
    .filter(([, , mark]) => mark !== null && !/^: ?$/.test(mark));
  expect(odd).toEqual([]);
});

it.each(['a.; b', 'a.. b', 'a: . b', 'a, ; b', 'a ; b', 'a .', "saw ''", 'a ( b )', 'a () b', 'a: '])(
  '%j is odd',
  (text) => {
    expect(oddPunctuation(text)).not.toBeNull();
  },
);

it.each([
  'a: b, saw c; d (e, f). g',
  'saw "a.; b"',
  'stagegate.yml: x',
  'a…; b',
  'http://127.0.0.1:1/x?a=.;',
  '../x',
  '3.5 s',
])('%j is not', (text) => {
  expect(oddPunctuation(text)).toBeNull();
});
