import { join } from 'node:path';
import ts from 'typescript';
import { filesBelow, ROOT } from '../pages';
import { describedBy, TypeSchemas } from './schema-of-type';
import type { Schema } from './schema';

/** What the source of a handler says of its route. */
export interface Handler {
  readonly summary: string;
  /** What it answers in JSON; null when it writes its answer itself. */
  readonly answer: Schema | null;
  /** Media type of an answer that it writes itself: its `@produces`. */
  readonly produces: string | null;
  /** What it answers in JSON to whoever asks for that instead: the answer of the method that `@orJsonOf` names. */
  readonly orJson: Schema | null;
  /** Whether parts of it can be asked for: it has the tag `@ranges`. */
  readonly hasRanges: boolean;
}

export interface Source {
  /** By `Controller.method`. */
  readonly handlers: ReadonlyMap<string, Handler>;
  /** By class; `@Body()` takes one of them. */
  readonly bodies: ReadonlyMap<string, Schema>;
  readonly components: ReadonlyMap<string, Schema>;
}

const FOLDER = 'src/infrastructure/http';

/** Reads controllers and bodies as the compiler does, with the types of whatever they answer. */
export function readSource(): Source {
  const files = filesBelow(FOLDER).filter((file) => /\.(controller|dto)\.ts$/.test(file));
  const program = ts.createProgram(
    files.map((file) => join(ROOT, file)),
    { ...optionsOf(join(ROOT, 'tsconfig.json')), noEmit: true },
  );
  const checker = program.getTypeChecker();
  const types = new TypeSchemas(checker);
  const handlers = new Map<string, Handler>();
  const bodies = new Map<string, Schema>();
  for (const file of files) {
    const source = program.getSourceFile(join(ROOT, file));
    for (const node of source?.statements ?? []) {
      if (!ts.isClassDeclaration(node) || !node.name) continue;
      const name = node.name.text;
      const type = checker.getTypeAtLocation(node);
      if (name.endsWith('Dto')) bodies.set(name, types.of(type));
      else if (file.endsWith('.controller.ts'))
        for (const member of node.members.filter(ts.isMethodDeclaration))
          if (hasRoute(member))
            handlers.set(`${name}.${member.name.getText()}`, handlerOf(member, node, checker, types));
    }
  }
  return { handlers, bodies, components: types.components };
}

function handlerOf(
  method: ts.MethodDeclaration,
  controller: ts.ClassDeclaration,
  checker: ts.TypeChecker,
  types: TypeSchemas,
): Handler {
  const symbol = checker.getSymbolAtLocation(method.name);
  const { description = '' } = describedBy(symbol, checker) as { description?: string };
  const answered = answeredBy(method, checker);
  const tags = symbol?.getJsDocTags(checker) ?? [];
  const tag = tags.find(({ name }) => name === 'produces');
  const hasRanges = tags.some(({ name }) => name === 'ranges');
  const produces = tag ? ts.displayPartsToString(tag.text).trim() : null;
  const other = ts.displayPartsToString(tags.find(({ name }) => name === 'orJsonOf')?.text).trim();
  const orJson = controller.members.find((one) => ts.isMethodDeclaration(one) && one.name.getText() === other);
  const isVoid = (answered.flags & (ts.TypeFlags.Void | ts.TypeFlags.Undefined)) !== 0;
  return {
    summary: description,
    answer: isVoid || produces !== null ? null : types.of(answered),
    produces,
    orJson: orJson ? types.of(answeredBy(orJson as ts.MethodDeclaration, checker)) : null,
    hasRanges,
  };
}

function answeredBy(method: ts.MethodDeclaration, checker: ts.TypeChecker): ts.Type {
  const signature = checker.getSignatureFromDeclaration(method);
  if (!signature) throw new Error(`openapi: no signature of ${method.name.getText()}`);
  const returned = checker.getReturnTypeOfSignature(signature);
  return checker.getAwaitedType(returned) ?? returned;
}

function hasRoute(method: ts.MethodDeclaration): boolean {
  const decorators = ts.getDecorators(method) ?? [];
  return decorators.some(({ expression }) => /^(Get|Post|Put|Patch|Delete|Sse)\(/.test(expression.getText()));
}

function optionsOf(path: string): ts.CompilerOptions {
  const { config } = ts.readConfigFile(path, (file) => ts.sys.readFile(file)) as { config: unknown };
  return ts.parseJsonConfigFileContent(config, ts.sys, ROOT, {}, path).options;
}
