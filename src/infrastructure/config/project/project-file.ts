import Ajv2020, { type ErrorObject, type ValidateFunction } from 'ajv/dist/2020';
import { ConfigError, seen } from '../config-error';
import { didYouMean } from '../../../domain/nearest-name';
import { PROJECT_FILE_SCHEMA } from './project-schema';
import type { RawAlerts } from '../alerts/raw-alerts';
import type { RawProject } from './raw-project';
import type { Schema } from './schema/schema-parts';
import { unsupportedValue } from './unsupported';
import { YamlDocument, type YamlPath } from '../values/yaml-document';

export interface ProjectFile {
  readonly document: YamlDocument;
  readonly projects: ReadonlyMap<string, RawProject>;
  readonly alerts: RawAlerts;
}

/** Parses a project file and holds it against the schema; the first mistake is a `ConfigError` with its line. */
export function parseProjectFile(file: string, text: string): ProjectFile {
  const document = new YamlDocument(file, text);
  const validate = validator();
  if (!validate(document.value)) throw toConfigError(document, validate.errors ?? []);
  const { projects, alerts = {} } = document.value as { projects: Record<string, RawProject>; alerts?: RawAlerts };
  return { document, projects: new Map(Object.entries(projects)), alerts };
}

let compiled: ValidateFunction | null = null;

/** `verbose` brings the schema and the value that disagree; all errors, so that the most telling one can be shown. */
function validator(): ValidateFunction {
  // Compiled for the first file: it takes a tenth of a second, and most commands read none.
  compiled ??= new Ajv2020({ allErrors: true, verbose: true, strict: false }).compile(PROJECT_FILE_SCHEMA);
  return compiled;
}

function toConfigError(document: YamlDocument, errors: readonly ErrorObject[]): ConfigError {
  // A misspelt key explains a missing one, never the other way round; a wrong alternative is part of its anyOf.
  const rank = ({ keyword }: ErrorObject): number => RANKS[keyword] ?? 3;
  const [error] = [...errors].sort((a, b) => rank(a) - rank(b));
  if (!error) return new ConfigError('the project file is not valid');
  const path = pathOf(error.instancePath, document.value);
  const schema = error.parentSchema as Schema;
  switch (error.keyword) {
    case 'additionalProperties': {
      const { additionalProperty: key } = error.params as { additionalProperty: string };
      return document.errorAt([...path, key], unknownKey(key, schema), 'key');
    }
    case 'propertyNames': {
      const { propertyName } = error.params as { propertyName: string };
      const expected = schema.propertyNames?.description ?? 'another name';
      return document.errorAt([...path, propertyName], `expected ${expected}; rename it`, 'key');
    }
    case 'required': {
      const { missingProperty } = error.params as { missingProperty: string };
      return document.errorAt([...path, missingProperty], 'is missing; add it');
    }
    default: {
      const advice = unsupportedValue(String(path.at(-1)), error.data) ?? 'correct it';
      // Whoever writes no variable there has written what it should hold.
      const saw = mayBeSecret(path) ? 'something else (not shown, it may be a password)' : seen(error.data);
      return document.errorAt(path, `expected ${expectation(schema)}, saw ${saw}; ${advice}`);
    }
  }
}

function mayBeSecret(path: YamlPath): boolean {
  const isOfSink = path[0] === 'alerts' && ['url', 'urlFrom', 'secrets'].includes(String(path[3]));
  return path.at(-1) === 'credentials' || path[2] === 'hooks' || isOfSink;
}

const RANKS: Readonly<Record<string, number>> = { additionalProperties: 0, propertyNames: 1, anyOf: 2, required: 4 };

function unknownKey(key: string, schema: Schema): string {
  const known = Object.keys(schema.properties ?? {});
  const guess = didYouMean(key, known);
  return `unknown key${guess === '' ? `; known here: ${known.join(', ')}` : guess}`;
}

function expectation(schema: Schema): string {
  if (schema.enum) return schema.enum.length === 1 ? String(schema.enum[0]) : `one of ${schema.enum.join(', ')}`;
  if (schema.minimum !== undefined) return `a whole number from ${schema.minimum} to ${schema.maximum ?? 'any'}`;
  if (schema.type === 'object' && schema.minProperties === undefined) return 'keys and values';
  if (schema.type === 'boolean') return 'true or false';
  if (schema.type === 'string' && schema.pattern === undefined) return 'text';
  if (schema.type === 'array' && schema.items?.enum)
    return `a list of different values of ${schema.items.enum.join(', ')}`;
  if (schema.type === 'array' && schema.items?.$ref === '#/$defs/path')
    return 'a list of at least one path, all different';
  if (schema.type === 'array' && schema.items?.$ref === '#/$defs/pattern')
    return 'a list of at least one pattern, all different';
  return schema.description ?? 'another value';
}

/** A JSON pointer as the path it stands for; items of lists by number. */
function pathOf(pointer: string, root: unknown): YamlPath {
  const path: (string | number)[] = [];
  let value = root;
  for (const part of pointer.split('/').slice(1)) {
    const key = part.replaceAll('~1', '/').replaceAll('~0', '~');
    path.push(Array.isArray(value) ? Number(key) : key);
    value = (value as Record<string, unknown>)[key];
  }
  return path;
}
