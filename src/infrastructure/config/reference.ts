import { ALERT_SINK } from './alerts/alerts-schema';
import { PROJECT_FILE_SCHEMA } from './project/project-schema';
import type { Schema } from './project/schema/schema-parts';
import { SERVICE_KEYS, type ServiceKey } from './service-keys';

/** Text of `.env.example`: every variable, commented out, at its default. */
export function envExample(): string {
  const intro = '# Variables of the stagegate service, at their defaults. Generated; see docs/configuration.md.\n';
  const blocks = serviceKeys().map(({ name, type, fallback, description }) =>
    [`# ${plain(description)}`, `# Value: ${type.expected}.`, `#${name}=${fallback}`, ''].join('\n'),
  );
  return [intro, ...blocks].join('\n');
}

/** Markdown table of the service's variables. */
export function serviceTable(): string {
  return table(
    ['variable', 'value', 'default', 'meaning'],
    serviceKeys().map(({ name, type, fallback, description }) => [
      `\`${name}\``,
      type.expected,
      `\`${fallback}\``,
      description,
    ]),
  );
}

/** Markdown table of the keys of one project in `stagegate.yml`. */
export function projectTable(): string {
  return table(['key', 'value', 'default', 'meaning'], rowsOf('', PROJECT_FILE_SCHEMA.$defs.project));
}

/** Markdown table of the keys of one sink below `alerts.sinks`. */
export function alertSinkTable(): string {
  return table(['key', 'value', 'default', 'meaning'], rowsOf('', ALERT_SINK));
}

/** Text of `stagegate.schema.json`. */
export function schemaJson(): string {
  return `${JSON.stringify(PROJECT_FILE_SCHEMA, null, 2)}\n`;
}

function serviceKeys(): readonly ServiceKey<unknown>[] {
  return Object.values(SERVICE_KEYS);
}

function rowsOf(prefix: string, { properties = {}, required = [] }: Schema): string[][] {
  return Object.entries(properties).flatMap(([key, schema]) => {
    const name = `${prefix}${key}`;
    // Its keys are those of `staging` once more.
    if (name === 'retest') return [[`\`${name}\``, 'as `staging`', 'as `staging`', schema.description ?? '']];
    if (name === 'agents') return rowsOf('agents.<role>.', resolve(Object.values(schema.properties ?? {})[0] ?? {}));
    const target = resolve(schema);
    if (target.properties) return rowsOf(`${name}.`, target);
    return [
      [
        `\`${name}\``,
        valueOf(target),
        required.includes(key) ? 'required' : fallbackOf(schema),
        schema.description ?? '',
      ],
    ];
  });
}

/** What a key may hold, by its own or the referenced schema; a leaf without a name of its own is told by its type. */
function valueOf(schema: Schema): string {
  if (schema.enum) return schema.enum.map((value) => `\`${value}\``).join(', ');
  if (schema.items?.enum) return `list of ${schema.items.enum.map((value) => `\`${value}\``).join(', ')}`;
  if (schema.items?.properties) return `list of { ${Object.keys(schema.items.properties).join(', ')} }`;
  if (schema.minimum !== undefined) return `${schema.minimum} to ${schema.maximum ?? 'any'}`;
  if (schema.type === 'boolean') return '`true`, `false`';
  const isNamed = Object.values(PROJECT_FILE_SCHEMA.$defs as Record<string, Schema>).includes(schema);
  if (isNamed && schema.description) return schema.description;
  if (schema.items?.type === 'integer') return `list of ${valueOf(schema.items)}`;
  return schema.type === 'array' ? 'list of texts' : 'text';
}

function fallbackOf({ default: fallback }: Schema): string {
  if (fallback === undefined) return '';
  return `\`${typeof fallback === 'string' ? fallback : JSON.stringify(fallback).replaceAll(',', ', ')}\``;
}

function resolve(schema: Schema): Schema {
  if (schema.$ref === undefined) return schema;
  const definitions: Readonly<Record<string, Schema>> = PROJECT_FILE_SCHEMA.$defs;
  return definitions[schema.$ref.replace('#/$defs/', '')] ?? {};
}

function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]): string =>
    `| ${cells.map((cell) => cell.replaceAll('|', '\\|')).join(' | ')} |`;
  return [line(head), line(head.map(() => '---')), ...rows.map(line)].join('\n');
}

function plain(markdown: string): string {
  return markdown.replaceAll('`', '');
}
