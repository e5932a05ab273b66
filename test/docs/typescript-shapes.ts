import ts from 'typescript';
import { textOf } from './pages';

/** One member of a type, as its source spells it. */
export interface Field {
  readonly name: string;
  readonly type: string;
}

/** Names of an interface's own members, in their order. */
export function membersOf(file: string, name: string): readonly string[] {
  const source = parse(file);
  return namesAndTypes(source, interfaceOf(source, name).members).map((field) => field.name);
}

export function fieldsOf(source: ts.SourceFile, type: ts.TypeNode | undefined): readonly Field[] {
  if (type && ts.isTypeLiteralNode(type)) return namesAndTypes(source, type.members);
  if (type && ts.isIntersectionTypeNode(type)) return type.types.flatMap((part) => fieldsOf(source, part));
  if (type && ts.isTypeReferenceNode(type))
    return namesAndTypes(source, interfaceOf(source, type.getText(source)).members);
  throw new Error(`cannot read the fields of ${type?.getText(source) ?? 'nothing'}`);
}

function namesAndTypes(source: ts.SourceFile, members: ts.NodeArray<ts.TypeElement>): readonly Field[] {
  return members.filter(ts.isPropertySignature).map((member) => ({
    name: `${member.name.getText(source)}${member.questionToken ? '?' : ''}`,
    type: typeText(source, member.type),
  }));
}

export function interfaceOf(source: ts.SourceFile, name: string): ts.InterfaceDeclaration {
  const found = declarationOf(source, name);
  if (!ts.isInterfaceDeclaration(found)) throw new Error(`${name} is no interface`);
  return found;
}

export function declarationOf(source: ts.SourceFile, name: string): ts.InterfaceDeclaration | ts.TypeAliasDeclaration {
  const isWanted = (node: ts.Statement): node is ts.InterfaceDeclaration | ts.TypeAliasDeclaration =>
    (ts.isInterfaceDeclaration(node) || ts.isTypeAliasDeclaration(node)) && node.name.text === name;
  const found = source.statements.find(isWanted);
  if (!found) throw new Error(`${source.fileName} declares no ${name}`);
  return found;
}

export function typeText(source: ts.SourceFile, type: ts.TypeNode | undefined): string {
  return flat(type?.getText(source) ?? 'unknown');
}

export function flat(text: string): string {
  return text.replace(/\s+/g, ' ').trim();
}

export function parse(file: string): ts.SourceFile {
  return ts.createSourceFile(file, textOf(file), ts.ScriptTarget.ES2022, true);
}

/** Literals of a union type, by its name or as `Interface.member`. */
export function unionOf(file: string, name: string): readonly string[] {
  const source = parse(file);
  const [declared = '', member] = name.split('.');
  const type =
    member === undefined
      ? (declarationOf(source, declared) as ts.TypeAliasDeclaration).type
      : interfaceOf(source, declared)
          .members.filter(ts.isPropertySignature)
          .find(({ name: of }) => of.getText(source) === member)?.type;
  if (!type || !ts.isUnionTypeNode(type)) throw new Error(`${name} is no union`);
  return type.types.map((part) => part.getText(source).replaceAll("'", ''));
}
