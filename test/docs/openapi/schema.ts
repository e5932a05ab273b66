/** JSON Schema 2020-12, as far as the document uses it. */
export interface Schema {
  readonly [keyword: string]: unknown;
}

export const NULL: Schema = { type: 'null' };

/** One of several, in the shortest form that says so. */
export function anyOf(schemas: readonly Schema[]): Schema {
  const consts = schemas.filter((schema) => 'const' in schema);
  const others = schemas.filter((schema) => !('const' in schema) && schema !== NULL);
  const isNullable = schemas.includes(NULL);
  const listed: Schema[] = consts.length > 0 ? [enumOf(consts)] : [];
  const all = [...listed, ...others];
  const [only] = all;
  if (all.length === 1 && only && !isNullable) return only;
  const plain = all.length === 1 && typeof only?.['type'] === 'string' && !('enum' in only) ? only : null;
  if (plain && isNullable) return { ...plain, type: [plain['type'], 'null'] };
  return { anyOf: isNullable ? [...all, NULL] : all };
}

function enumOf(consts: readonly Schema[]): Schema {
  const values = consts.map((schema) => schema['const']);
  if (values.every((value) => typeof value === 'boolean') && values.length === 2) return { type: 'boolean' };
  const [first] = values;
  return values.length === 1 ? { type: typeof first, const: first } : { type: typeof first, enum: values };
}
