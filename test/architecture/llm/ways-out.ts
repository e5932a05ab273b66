import { builtinModules } from 'node:module';
import ts from 'typescript';
import { nodesOf, pathOf, type Finding, type Scanned } from './scanned';

/** Modules that start a process, a thread, or run text as a program. */
const TO_A_PROCESS =
  /^(?:child_process|worker_threads|cluster|vm|module|inspector|repl|wasi|execa|cross-spawn|node-pty|zx|shelljs|tinypool|piscina)(?:\/|$)/;
/** Modules that speak to something over a network, or listen. */
const TO_A_NETWORK =
  /^(?:http|https|http2|net|tls|dgram|undici|axios|got|ky|node-fetch|cross-fetch|superagent|request|ws|eventsource|@grpc\/grpc-js)(?:\/|$)/;
/** Whatever is said to a model goes through the agent transport, so none of these has a place in here. */
const TO_A_MODEL =
  /anthropic|openai|langchain|llama|mistral|cohere|gemini|generative-ai|vertexai|bedrock|huggingface|ollama|replicate|^ai$|^@ai-sdk\/|modelcontextprotocol|litellm|groq/i;
/** What models ask of us; it could ask them as well, by the words below. */
const FROM_A_MODEL = /^@modelcontextprotocol\/server(?:\/stdio)?$/;
/** Members of the protocol with which a server has the model behind its client think for it. */
const ASKS_A_MODEL = /createMessage|sampling|elicit|inputRequired/i;
const NETWORK_GLOBALS: ReadonlySet<string> = new Set(['fetch', 'WebSocket', 'EventSource', 'XMLHttpRequest']);
const PROCESS_GLOBALS: ReadonlySet<string> = new Set(['eval', 'Function', 'Worker', 'WebAssembly']);
/** Members of `process` that load machine code or reach around the module system. */
const DOORS: ReadonlySet<string> = new Set(['binding', '_linkedBinding', 'dlopen', 'getBuiltinModule', 'mainModule']);

/** Ways to a process, a thread, or text that is run. */
export function processWays(scanned: Scanned): readonly Finding[] {
  return scanned.files.flatMap((file) => [
    ...loaded(file).filter(({ what }) => TO_A_PROCESS.test(what) || what === COMPUTED),
    ...globals(scanned.checker, file, PROCESS_GLOBALS),
    ...doors(file),
  ]);
}

/** Ways to whatever listens somewhere. */
export function networkWays(scanned: Scanned): readonly Finding[] {
  return scanned.files.flatMap((file) => [
    ...loaded(file).filter(({ what }) => TO_A_NETWORK.test(what)),
    ...globals(scanned.checker, file, NETWORK_GLOBALS),
  ]);
}

export function modelPackages(scanned: Scanned): readonly Finding[] {
  return scanned.files.flatMap((file) => {
    const found = loaded(file);
    const asked = found.some(({ what }) => FROM_A_MODEL.test(what)) ? asking(file) : [];
    return [...found.filter(({ what }) => TO_A_MODEL.test(what) && !FROM_A_MODEL.test(what)), ...asked];
  });
}

function asking(file: ts.SourceFile): readonly Finding[] {
  return nodesOf(file).flatMap((node) =>
    ts.isIdentifier(node) && ASKS_A_MODEL.test(node.text) ? [{ file: pathOf(file.fileName), what: node.text }] : [],
  );
}

/** Packages that are imported, by name. */
export function packages(scanned: Scanned): readonly Finding[] {
  return scanned.files
    .flatMap(loaded)
    .filter(({ what }) => what !== COMPUTED && !builtinModules.includes(what.split('/')[0] ?? ''))
    .map(({ file, what }) => ({ file, what: /^(?:@[^/]+\/)?[^/]+/.exec(what)?.[0] ?? what }));
}

const COMPUTED = 'a module that is named at run time';

/** Modules from outside that a file loads, whichever way; what is only a type is gone by then. */
function loaded(file: ts.SourceFile): readonly Finding[] {
  const found = nodesOf(file).flatMap((node): readonly (string | null)[] => {
    if (ts.isImportDeclaration(node))
      return node.importClause?.phaseModifier === ts.SyntaxKind.TypeKeyword ? [] : [textIn(node.moduleSpecifier)];
    if (ts.isExportDeclaration(node))
      return node.isTypeOnly || !node.moduleSpecifier ? [] : [textIn(node.moduleSpecifier)];
    if (ts.isExternalModuleReference(node)) return [textIn(node.expression)];
    return ts.isCallExpression(node) && isLoading(node.expression) ? [textIn(node.arguments[0])] : [];
  });
  return found
    .filter((name) => name === null || !name.startsWith('.'))
    .map((name) => ({ file: pathOf(file.fileName), what: name?.replace(/^node:/, '') ?? COMPUTED }));
}

function isLoading(callee: ts.Expression): boolean {
  if (callee.kind === ts.SyntaxKind.ImportKeyword) return true;
  return ts.isIdentifier(callee) && callee.text === 'require';
}

function textIn(node: ts.Expression | undefined): string | null {
  return node && ts.isStringLiteralLike(node) ? node.text : null;
}

/** Uses of a global by its name, or by way of the object that holds all of them. */
function globals(checker: ts.TypeChecker, file: ts.SourceFile, wanted: ReadonlySet<string>): readonly Finding[] {
  return nodesOf(file).flatMap((node) => {
    const name = globalIn(node);
    if (name === null || (name !== ANY && !wanted.has(name))) return [];
    if (ts.isIdentifier(node) && !isOfLibrary(checker, node)) return [];
    return [{ file: pathOf(file.fileName), what: name }];
  });
}

const ANY = 'globalThis';
const HOLDERS: ReadonlySet<string> = new Set(['globalThis', 'global']);

function globalIn(node: ts.Node): string | null {
  if (ts.isPropertyAccessExpression(node)) return isHolder(node.expression) ? node.name.text : null;
  if (ts.isElementAccessExpression(node))
    return isHolder(node.expression) ? (textIn(node.argumentExpression) ?? ANY) : null;
  if (!ts.isIdentifier(node) || isOnlyAName(node)) return null;
  return node.text;
}

function isHolder(node: ts.Expression): boolean {
  return ts.isIdentifier(node) && HOLDERS.has(node.text);
}

/** The name of a member, a parameter of a type, and whatever else is no use of what is called so. */
function isOnlyAName(node: ts.Identifier): boolean {
  const { parent } = node;
  if (ts.isPropertyAccessExpression(parent)) return parent.name === node;
  if (ts.isTypeReferenceNode(parent) || ts.isTypeQueryNode(parent)) return true;
  return 'name' in parent && parent.name === node && !ts.isShorthandPropertyAssignment(parent);
}

function isOfLibrary(checker: ts.TypeChecker, node: ts.Identifier): boolean {
  const shorthand = ts.isShorthandPropertyAssignment(node.parent);
  const symbol = shorthand ? checker.getShorthandAssignmentValueSymbol(node.parent) : checker.getSymbolAtLocation(node);
  const declarations = symbol?.declarations ?? [];
  return declarations.length > 0 && declarations.every((each) => each.getSourceFile().isDeclarationFile);
}

function doors(file: ts.SourceFile): readonly Finding[] {
  return nodesOf(file).flatMap((node) => {
    const isMember = ts.isPropertyAccessExpression(node) || ts.isElementAccessExpression(node);
    if (!isMember || node.expression.getText() !== 'process') return [];
    const name = ts.isPropertyAccessExpression(node) ? node.name.text : textIn(node.argumentExpression);
    return name !== null && DOORS.has(name) ? [{ file: pathOf(file.fileName), what: `process.${name}` }] : [];
  });
}
