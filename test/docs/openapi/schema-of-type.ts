import ts from 'typescript';
import { anyOf, NULL, type Schema } from './schema';

/**
 * What TypeScript knows of the answers of handlers, as schemas: types that have a name become components of that name, and
 * mapped types what they come to. What JSON could not carry is refused.
 */
export class TypeSchemas {
  readonly components = new Map<string, Schema>();
  private readonly names = new Map<ts.Symbol, string>();

  constructor(private readonly checker: ts.TypeChecker) {}

  of(type: ts.Type): Schema {
    const name = this.nameOf(type);
    if (name === null) return this.inline(type);
    // Of what may be anything there is nothing to say, and types that stand for it would have to contain themselves.
    if (name === 'JsonValue') return {};
    if (!this.components.has(name)) {
      // Before its members are looked at: some types contain themselves.
      this.components.set(name, {});
      this.components.set(name, {
        ...this.inline(type),
        ...describedBy(type.aliasSymbol ?? type.symbol, this.checker),
      });
    }
    return { $ref: `#/components/schemas/${name}` };
  }

  private inline(type: ts.Type): Schema {
    const { flags } = type;
    if (flags & (ts.TypeFlags.Any | ts.TypeFlags.Unknown)) return {};
    if (flags & ts.TypeFlags.Null) return NULL;
    if (type.isStringLiteral() || type.isNumberLiteral()) return { const: type.value };
    if (flags & ts.TypeFlags.BooleanLiteral) return { const: this.checker.typeToString(type) === 'true' };
    if (flags & (ts.TypeFlags.String | ts.TypeFlags.TemplateLiteral)) return { type: 'string' };
    if (flags & ts.TypeFlags.Number) return { type: 'number' };
    if (flags & ts.TypeFlags.NonPrimitive) return { type: 'object' };
    if (flags & ts.TypeFlags.Boolean) return { type: 'boolean' };
    if (type.isUnion()) return anyOf(this.membersOf(type));
    if (type.isIntersection() || flags & ts.TypeFlags.Object) return this.object(type);
    throw new Error(`openapi: expected a type that JSON carries, saw ${this.checker.typeToString(type)}`);
  }

  private membersOf(union: ts.UnionType): readonly Schema[] {
    const schemas = union.types.filter(({ flags }) => !(flags & ts.TypeFlags.Undefined)).map((one) => this.of(one));
    return schemas.filter((schema, index) => {
      const same = schemas.findIndex((other) => JSON.stringify(other) === JSON.stringify(schema));
      return same === index;
    });
  }

  private object(type: ts.Type): Schema {
    if (this.checker.isArrayType(type) || this.checker.isTupleType(type)) {
      const items = this.checker.getTypeArguments(type as ts.TypeReference).map((one) => this.of(one));
      return { type: 'array', items: items.length === 0 ? {} : anyOf(items) };
    }
    const properties: Record<string, Schema> = {};
    const required: string[] = [];
    for (const property of this.checker.getPropertiesOfType(type)) {
      const of = this.checker.getTypeOfSymbol(property);
      if (of.flags & ts.TypeFlags.Undefined) continue;
      properties[property.name] = { ...this.of(of), ...describedBy(property, this.checker) };
      if (!isOptional(property, of)) required.push(property.name);
    }
    const index = this.checker.getIndexTypeOfType(type, ts.IndexKind.String);
    return {
      type: 'object',
      ...(Object.keys(properties).length > 0 && { properties }),
      ...(required.length > 0 && { required }),
      ...(index && { additionalProperties: this.of(index) }),
    };
  }

  /** Only what this program declares, and what has no parameters of its own, is known by its name. */
  private nameOf(type: ts.Type): string | null {
    const symbol = type.aliasSymbol ?? (type.isClassOrInterface() ? type.symbol : undefined);
    if (!symbol || (type.aliasTypeArguments?.length ?? 0) > 0) return null;
    const file = symbol.declarations?.[0]?.getSourceFile().fileName ?? '';
    const isStructured = type.isUnion() || type.isIntersection() || type.flags & ts.TypeFlags.Object;
    if (!/\/src\//.test(file) || file.includes('node_modules') || !isStructured) return null;
    const known = this.names.get(symbol);
    if (known !== undefined) return known;
    const taken = [...this.names.values()];
    let name = symbol.name;
    for (let count = 2; taken.includes(name); count += 1) name = `${symbol.name}${count}`;
    this.names.set(symbol, name);
    return name;
  }
}

export function describedBy(symbol: ts.Symbol | undefined, checker: ts.TypeChecker): Schema {
  const text = ts
    .displayPartsToString(symbol?.getDocumentationComment(checker))
    .replace(/\s*\n\s*/g, ' ')
    .trim();
  return text === '' ? {} : { description: text };
}

function isOptional(property: ts.Symbol, type: ts.Type): boolean {
  if (property.flags & ts.SymbolFlags.Optional) return true;
  return type.isUnion() && type.types.some(({ flags }) => flags & ts.TypeFlags.Undefined);
}
