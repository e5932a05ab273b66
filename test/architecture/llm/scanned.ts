import { readFileSync } from 'node:fs';
import { join, relative, resolve } from 'node:path';
import ts from 'typescript';

export const ROOT = resolve(__dirname, '../../..');

/** The program text of the product, with types, as the compiler sees it. */
export interface Scanned {
  readonly checker: ts.TypeChecker;
  readonly files: readonly ts.SourceFile[];
}

/** What a rule has found. */
export interface Finding {
  /** From the root. */
  readonly file: string;
  readonly what: string;
}

/** @param planted files that are not there, by their path from the root: compiled with the others, written nowhere. */
export function scan(planted: Readonly<Record<string, string>> = {}): Scanned {
  const { options, fileNames } = configuration();
  const extra = new Map(Object.entries(planted).map(([path, text]) => [join(ROOT, path), text]));
  const host = ts.createCompilerHost(options);
  const plain = ts.createCompilerHost(options);
  host.fileExists = (path) => extra.has(path) || plain.fileExists(path);
  host.readFile = (path) => extra.get(path) ?? plain.readFile(path);
  host.getSourceFile = (path, ...rest) => {
    const text = extra.get(path);
    return text === undefined
      ? plain.getSourceFile(path, ...rest)
      : ts.createSourceFile(path, text, ts.ScriptTarget.ES2023, true);
  };
  const program = ts.createProgram([...fileNames, ...extra.keys()], options, host);
  const files = program.getSourceFiles().filter(({ fileName }) => pathOf(fileName).startsWith('src/'));
  return { checker: program.getTypeChecker(), files };
}

export function pathOf(fileName: string): string {
  return relative(ROOT, fileName);
}

const known = new WeakMap<ts.SourceFile, readonly ts.Node[]>();

/** Every node of a file, each after the one that it is in. */
export function nodesOf(file: ts.SourceFile): readonly ts.Node[] {
  const found = known.get(file) ?? collected(file);
  known.set(file, found);
  return found;
}

function collected(file: ts.SourceFile): readonly ts.Node[] {
  const nodes: ts.Node[] = [];
  const visit = (node: ts.Node): void => {
    nodes.push(node);
    ts.forEachChild(node, visit);
  };
  visit(file);
  return nodes;
}

/** `src/a.ts#Class.method`, or of a function by its name; of the file itself where it is in none. */
export function placeOf(node: ts.Node): string {
  const names: string[] = [];
  for (let at: ts.Node | undefined = node; at; at = at.parent as ts.Node | undefined) {
    if (isPlace(at) && at.name) names.unshift(at.name.getText());
  }
  const path = pathOf(node.getSourceFile().fileName);
  return names.length === 0 ? path : `${path}#${names.slice(0, 2).join('.')}`;
}

function isPlace(node: ts.Node): node is ts.MethodDeclaration | ts.FunctionDeclaration | ts.ClassDeclaration {
  return ts.isMethodDeclaration(node) || ts.isFunctionDeclaration(node) || ts.isClassDeclaration(node);
}

function configuration(): ts.ParsedCommandLine {
  const text = readFileSync(join(ROOT, 'tsconfig.json'), 'utf8');
  const read = ts.parseConfigFileTextToJson('tsconfig.json', text);
  const parsed = ts.parseJsonConfigFileContent(read.config, ts.sys, ROOT);
  const fileNames = parsed.fileNames.filter((name) => pathOf(name).startsWith('src/'));
  return { ...parsed, fileNames, options: { ...parsed.options, noEmit: true, skipLibCheck: true, incremental: false } };
}
