import { getMetadataStorage } from 'class-validator';
import { PROJECT_KEY_PATTERN } from '../../../src/domain/ids';
import { TASK_ID_PATTERN } from './parameters';
import type { Schema } from './schema';

const INSTANT = '^\\d{4}-\\d{2}-\\d{2}[Tt]\\d{2}:\\d{2}:\\d{2}(?:\\.\\d+)?(?:[Zz]|[+-]\\d{2}:\\d{2})$';

/** What the rules that bodies are validated by come to in a schema, by the names of their functions; a test compares both. */
const RULES: Readonly<Record<string, Schema>> = {
  isProjectKey: { pattern: PROJECT_KEY_PATTERN },
  isTaskKey: { pattern: '^[A-Za-z0-9][A-Za-z0-9_-]{0,63}$' },
  isTitle: { minLength: 1, maxLength: 200 },
  isReason: { minLength: 1, maxLength: 500 },
  isDescription: { minLength: 1, maxLength: 65_536 },
  isPriority: { type: 'integer', minimum: 0, maximum: 9 },
  isStageName: {},
  isSwitchState: {},
  isRole: {},
  isTokenName: { pattern: '^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$' },
  isListOfScopes: { minItems: 1, uniqueItems: true },
  isProjectScope: {
    anyOf: [
      { const: '*' },
      {
        type: 'array',
        minItems: 1,
        maxItems: 100,
        uniqueItems: true,
        items: { type: 'string', pattern: PROJECT_KEY_PATTERN },
      },
    ],
  },
  isPrincipalKind: {},
  isEnd: { format: 'date-time', pattern: INSTANT },
  isFileList: { items: { $ref: '#/components/schemas/EvidenceFile', unevaluatedProperties: false } },
  // Of rules without a name of their own.
  dependsOn: { maxItems: 20, uniqueItems: true, items: { type: 'string', pattern: TASK_ID_PATTERN } },
  paths: { minItems: 1, maxItems: 50, items: { type: 'string', minLength: 1, maxLength: 500 } },
  isString: {},
  isObject: {},
};

/** A body by its type, with what is validated beside it: nothing but its members, and each as its rule has it. */
export function bodySchema(dto: new () => object, byType: Schema): Schema {
  const rules = getMetadataStorage().getTargetValidationMetadatas(dto, '', false, false);
  const properties = { ...(byType['properties'] as Record<string, Schema>) };
  for (const { name, type, propertyName, constraints = [], message } of rules) {
    const property = properties[propertyName];
    if (!property || type === 'conditionalValidation') continue;
    properties[propertyName] = { ...property, ...limitsOf(dto.name, name ?? '', propertyName, constraints) };
    const text = expectationOf(message, property);
    if (text !== null) properties[propertyName] = { ...properties[propertyName], description: text };
  }
  return { ...byType, properties, additionalProperties: false };
}

function limitsOf(dto: string, rule: string, property: string, constraints: readonly unknown[]): Schema {
  const [first] = constraints;
  if (rule === 'matches' && first instanceof RegExp) return { pattern: first.source };
  if (rule === 'maxLength') return { maxLength: first };
  const known = RULES[rule === '' ? property : rule];
  if (!known)
    throw new Error(
      `test/docs/openapi/body-rules.ts: expected what ${rule || property} of ${dto} demands, saw nothing; add it`,
    );
  return known;
}

/** What follows "expected", where the rule says it. */
function expectationOf(message: unknown, { description }: Schema): string | null {
  if (description !== undefined) return null;
  const line = typeof message === 'function' ? String((message as () => unknown)()) : message;
  const [, text] = typeof line === 'string' ? (/: expected (.*)$/.exec(line) ?? []) : [];
  return text ?? null;
}
