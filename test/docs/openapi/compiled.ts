import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import Ajv2020, { type ValidateFunction } from 'ajv/dist/2020';
import { ROOT } from '../pages';
import type { Schema } from './schema';

interface Document {
  readonly components: { readonly schemas: Readonly<Record<string, Schema>> };
}

const document = JSON.parse(readFileSync(join(ROOT, 'openapi.json'), 'utf8')) as Document;
// Beside schemas the document has members of OpenAPI, and schemas have examples.
const ajv = new Ajv2020({ strict: false, validateFormats: false });
ajv.addSchema(document, 'openapi.json');

/** Whether something is what a component of the document says. */
export function compiled(name: string): ValidateFunction {
  const known = ajv.getSchema(`openapi.json#/components/schemas/${name}`);
  if (!known) throw new Error(`openapi.json has no component ${name}`);
  return known;
}

compiled.properties = (name: string): Readonly<Record<string, Schema>> =>
  (document.components.schemas[name]?.['properties'] ?? {}) as Readonly<Record<string, Schema>>;
