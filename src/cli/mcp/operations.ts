type Json = Readonly<Record<string, unknown>>;

/** What a tool needs to know of the operation that it stands for. */
export interface OperationSpec {
  readonly method: string;
  /** With `{name}` where a parameter goes. */
  readonly path: string;
  readonly inPath: readonly string[];
  readonly inQuery: readonly string[];
  readonly hasBody: boolean;
  /** Whether it takes `Range`, which `from` is made into. */
  readonly hasRanges: boolean;
  /** JSON Schema of all of its parameters and the members of its body, in one object. */
  readonly input: Json;
}

interface Parameter extends Json {
  readonly name: string;
  readonly in: string;
  readonly required?: boolean;
  readonly description?: string;
  readonly schema: Json;
}

interface Operation extends Json {
  readonly operationId: string;
  readonly parameters?: readonly Parameter[];
  readonly requestBody?: { readonly content: Readonly<Record<string, { readonly schema: Json }>> };
}

interface OpenApi extends Json {
  readonly paths: Readonly<Record<string, Readonly<Record<string, Operation>>>>;
}

const FROM: Json = { type: 'integer', minimum: 0, description: 'The first byte that is wanted.' };

/** @returns the operations of a service's OpenAPI document by their ids. */
export function operationsIn(document: Json): ReadonlyMap<string, OperationSpec> {
  const { paths } = document as OpenApi;
  const found = Object.entries(paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, operation]) => [operation.operationId, { path, method, operation }] as const),
  );
  return new Map(found.map(([id, { path, method, operation }]) => [id, specOf(document, path, method, operation)]));
}

function specOf(document: Json, path: string, method: string, { parameters = [], requestBody }: Operation) {
  const body = requestBody && (inlined(document, requestBody.content['application/json']?.schema) as Json);
  const taken = parameters.filter((parameter) => parameter.in !== 'header');
  const names = (place: string) => taken.filter((parameter) => parameter.in === place).map(({ name }) => name);
  const hasRanges = parameters.some((parameter) => parameter.in === 'header' && parameter.name === 'Range');
  const properties = {
    ...(hasRanges && { from: FROM }),
    ...Object.fromEntries(taken.map(({ name, description, schema }) => [name, { description, ...schema }])),
    ...(body?.['properties'] as Json | undefined),
  };
  const required = [
    ...taken.filter((parameter) => parameter.required).map(({ name }) => name),
    ...((body?.['required'] as readonly string[] | undefined) ?? []),
  ];
  return {
    method: method.toUpperCase(),
    path,
    inPath: names('path'),
    inQuery: names('query'),
    hasBody: body !== undefined,
    hasRanges,
    input: { type: 'object', properties, required, additionalProperties: false },
  };
}

/** Tools bring their schemas alone, so what these point to is put in its place. */
function inlined(document: Json, value: unknown, above: readonly string[] = []): unknown {
  if (Array.isArray(value)) return value.map((item) => inlined(document, item, above));
  if (typeof value !== 'object' || value === null) return value;
  const reference = (value as { $ref?: unknown }).$ref;
  if (typeof reference !== 'string')
    return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, inlined(document, item, above)]));
  // JSON in JSON has no end; the service looks at all of it.
  if (above.includes(reference)) return {};
  return inlined(document, target(document, reference), [...above, reference]);
}

function target(document: Json, reference: string): unknown {
  const steps = reference.replace(/^#\//, '').split('/');
  return steps.reduce<unknown>((place, step) => (place as Json)[step], document);
}
