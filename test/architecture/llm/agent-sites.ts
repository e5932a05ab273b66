import ts from 'typescript';
import { nodesOf, pathOf, placeOf, type Finding, type Scanned } from './scanned';

const TRANSPORT = 'AgentTransport';
/** The commands by which an agent's answer reaches the decider. */
const ANSWERS: ReadonlySet<string> = new Set(['ReportAgentDone']);
/** What nobody may claim that something is: the compiler's word for it is the proof that no reserved producer gets in. */
const PROVEN_TYPES: ReadonlySet<string> = new Set([
  'AgentRole',
  'AgentRequest',
  'Job',
  'AgentTransport',
  'AgentPolicy',
]);

/** Classes that are an agent transport: the port, and whatever extends or implements it. */
export function transports(scanned: Scanned): readonly Finding[] {
  return scanned.files.flatMap((file) =>
    nodesOf(file)
      .filter(ts.isClassLike)
      .filter(
        (node) =>
          node.heritageClauses && isTransport(scanned.checker.getTypeAtLocation(node)) && node.name?.text !== TRANSPORT,
      )
      .map((node) => ({
        file: pathOf(file.fileName),
        what: `${pathOf(file.fileName)}#${node.name?.text ?? 'a class'}`,
      })),
  );
}

/** Where something that is an agent transport is made. */
export function transportsMade(scanned: Scanned): readonly Finding[] {
  return expressions(scanned, ts.isNewExpression, (node) => isTransport(scanned.checker.getTypeAtLocation(node)));
}

/** Where an agent is asked for anything: every use of a method of something that is an agent transport. */
export function callSites(scanned: Scanned): readonly Finding[] {
  const { checker } = scanned;
  const methods = methodsOf(scanned);
  // By its name first: types are dear.
  const isNamed = (node: ts.Node) => !ts.isPropertyAccessExpression(node) || methods.has(node.name.text);
  const isUse = (node: ts.PropertyAccessExpression | ts.ElementAccessExpression) =>
    isNamed(node) &&
    node.expression.kind !== ts.SyntaxKind.ThisKeyword &&
    isTransport(checker.getTypeAtLocation(node.expression));
  const isTakenApart = ({ name, initializer }: ts.VariableDeclaration) =>
    ts.isObjectBindingPattern(name) && initializer !== undefined && isTransport(checker.getTypeAtLocation(initializer));
  return [
    ...expressions(scanned, ts.isPropertyAccessExpression, isUse),
    ...expressions(scanned, ts.isElementAccessExpression, isUse),
    ...expressions(scanned, ts.isVariableDeclaration, isTakenApart),
  ];
}

/** Where an agent's answer becomes a command: the entrances of a judgement into the control flow. */
export function entrances(scanned: Scanned): readonly Finding[] {
  return expressions(scanned, ts.isPropertyAssignment, ({ name, initializer }) => {
    return name.getText() === 'type' && ts.isStringLiteralLike(initializer) && ANSWERS.has(initializer.text);
  });
}

/** Assertions that something is what only the compiler may say it is. */
export function unproven(scanned: Scanned): readonly Finding[] {
  const isClaimed = ({ type }: ts.AsExpression | ts.TypeAssertion) =>
    PROVEN_TYPES.has(
      type
        .getText()
        .replace(/(?:\[\])?$/, '')
        .replace(/^readonly /, ''),
    );
  return [
    ...expressions(scanned, ts.isAsExpression, isClaimed),
    ...expressions(scanned, ts.isTypeAssertionExpression, isClaimed),
  ];
}

/** The values that the `role` of a request may have, by its type; null when the type says nothing. */
export function rolesOfRequests({ checker, files }: Scanned): readonly string[] | null {
  const file = files.find(({ fileName }) => fileName.endsWith('ports/agent-transport.ts'));
  const request =
    file && nodesOf(file).find((node) => ts.isInterfaceDeclaration(node) && node.name.text === 'AgentRequest');
  const role = request && checker.getTypeAtLocation(request).getProperty('role');
  if (!role) return null;
  const type = checker.getTypeOfSymbol(role);
  const members = type.isUnion() ? type.types : [type];
  const texts = members.flatMap((member) => (member.isStringLiteral() ? [member.value] : []));
  return texts.length === members.length ? texts : null;
}

/** What an agent transport can be asked for. */
function methodsOf({ files }: Scanned): ReadonlySet<string> {
  const port = files.flatMap(nodesOf).find((node) => ts.isClassDeclaration(node) && node.name?.text === TRANSPORT);
  const members = port && ts.isClassDeclaration(port) ? port.members : [];
  return new Set(members.flatMap(({ name }) => (name ? [name.getText()] : [])));
}

/** Structure is not enough to be one: the name of the port has to be among what it is made of. */
function isTransport(type: ts.Type): boolean {
  if (type.isUnionOrIntersection()) return type.types.some(isTransport);
  if ((type.symbol as ts.Symbol | undefined)?.name === TRANSPORT) return true;
  return (type.getBaseTypes() ?? []).some(isTransport) || implemented(type).includes(TRANSPORT);
}

function implemented(type: ts.Type): readonly string[] {
  const declarations = (type.symbol as ts.Symbol | undefined)?.declarations ?? [];
  return declarations
    .filter(ts.isClassLike)
    .flatMap(({ heritageClauses = [] }) => heritageClauses.flatMap(({ types }) => types))
    .map(({ expression }) => expression.getText());
}

function expressions<Node extends ts.Node>(
  { files }: Scanned,
  isKind: (node: ts.Node) => node is Node,
  isWanted: (node: Node) => boolean,
): readonly Finding[] {
  return files.flatMap((file) =>
    nodesOf(file)
      .filter(isKind)
      .filter(isWanted)
      .map((node) => ({ file: pathOf(file.fileName), what: placeOf(node) })),
  );
}
