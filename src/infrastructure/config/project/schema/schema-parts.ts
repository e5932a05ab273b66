/** The parts of JSON Schema 2020-12 that the project file needs. `description` completes "expected …" for a leaf. */
export interface Schema {
  readonly $ref?: string;
  readonly type?: 'object' | 'string' | 'integer' | 'number' | 'array' | 'boolean';
  readonly description?: string;
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly additionalProperties?: false | Schema;
  readonly propertyNames?: Schema;
  readonly required?: readonly string[];
  readonly enum?: readonly (string | number)[];
  readonly anyOf?: readonly Schema[];
  readonly items?: Schema;
  readonly pattern?: string;
  readonly minLength?: number;
  readonly maxLength?: number;
  readonly minimum?: number;
  readonly maximum?: number;
  readonly minItems?: number;
  readonly maxItems?: number;
  readonly uniqueItems?: boolean;
  readonly minProperties?: number;
  readonly maxProperties?: number;
  readonly default?: unknown;
  readonly $defs?: Readonly<Record<string, Schema>>;
}

/** @param fallback shown by editors and the reference; the defaults in force are in policy-defaults.ts, and a test compares. */
export function ref(name: string, description: string, fallback?: unknown): Schema {
  return { $ref: `#/$defs/${name}`, description, ...(fallback === undefined ? {} : { default: fallback }) };
}

export function object(properties: Readonly<Record<string, Schema>>, description = ''): Schema {
  return { type: 'object', ...(description === '' ? {} : { description }), properties, additionalProperties: false };
}

export function withoutDefaults(properties: Readonly<Record<string, Schema>>): Readonly<Record<string, Schema>> {
  return JSON.parse(
    JSON.stringify(properties, (key, value: unknown) => (key === 'default' ? undefined : value)),
  ) as Record<string, Schema>;
}

export function listOf(values: readonly string[], description: string): Schema {
  return { type: 'array', description, uniqueItems: true, items: { enum: values } };
}

export function listOfPaths(description: string): Schema {
  return { type: 'array', description, uniqueItems: true, items: { $ref: '#/$defs/path' } };
}

export function retries(fallback: number, description: string): Schema {
  return { type: 'integer', minimum: 0, maximum: 100, default: fallback, description };
}

export function onOff(description: string): Schema {
  return { type: 'boolean', description };
}
