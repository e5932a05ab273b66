import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import Ajv2020, { type ValidateFunction } from 'ajv/dist/2020';
import type { Operation } from './fuzzed-request';

interface Response {
  readonly $ref?: string;
  readonly content?: Readonly<Record<string, { readonly schema: object }>>;
}

interface Document {
  readonly paths: Readonly<Record<string, Readonly<Record<string, Omit<Operation, 'method' | 'path'>>>>>;
  readonly components: {
    readonly responses: Readonly<Record<string, Response>>;
    readonly schemas: Readonly<Record<string, object>>;
  };
}

export interface Answer {
  readonly status: number;
  readonly type: string;
  readonly text: string;
}

/** The document, taken at its word: an answer has a status that is listed and no member that is not. */
export class DocumentedAnswers {
  private readonly document = closed(
    JSON.parse(readFileSync(resolve(__dirname, '../../../../openapi.json'), 'utf8')),
  ) as Document;
  private readonly ajv = new Ajv2020({ strict: false, validateFormats: false });
  private readonly known = new Map<object, ValidateFunction>();

  constructor() {
    this.ajv.addSchema({ $id: 'openapi.json', components: this.document.components });
  }

  operations(): readonly Operation[] {
    return Object.entries(this.document.paths).flatMap(([path, methods]) =>
      Object.entries(methods).map(([method, about]) => ({ ...about, method: method.toUpperCase(), path })),
    );
  }

  /** What of an answer the document does not say; null when nothing is. */
  faultOf({ responses }: Operation, { status, type, text }: Answer): string | null {
    if (status >= 500) return `status ${status}`;
    const listed = responses[String(status)] as Response | undefined;
    if (!listed) return `status ${status} is not listed`;
    const response = listed.$ref ? this.document.components.responses[listed.$ref.split('/').at(-1) ?? ''] : listed;
    const content = response?.content;
    if (!content) return text === '' ? null : 'a body that is not listed';
    const found = content[type.split(';')[0] ?? ''];
    if (!found) return `type ${type} is not listed`;
    if (!/[/+]json/.test(type)) return null;
    const validate = this.validatorOf(found.schema);
    return validate(JSON.parse(text)) ? null : this.ajv.errorsText(validate.errors).slice(0, 500);
  }

  private validatorOf(schema: object): ValidateFunction {
    const known = this.known.get(schema) ?? this.ajv.compile(rebased(schema));
    this.known.set(schema, known);
    return known;
  }
}

/** References that stand in a path of the document, from outside of it. */
function rebased(schema: object): object {
  return JSON.parse(JSON.stringify(schema).replaceAll('"#/components/', '"openapi.json#/components/')) as object;
}

/** Objects with listed members have no others. */
function closed(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(closed);
  if (typeof value !== 'object' || value === null) return value;
  const members = Object.fromEntries(Object.entries(value).map(([name, member]) => [name, closed(member)]));
  const isOpen = members['type'] === 'object' && 'properties' in members && !('additionalProperties' in members);
  return isOpen ? { ...members, additionalProperties: false } : members;
}
