import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse } from 'yaml';
import { ROOT } from './scanned';

export interface RoleRow {
  readonly role: string;
  readonly stage: string;
  readonly gate: string;
  /** Key of the artifact that says how it went; `commits` for a role that answers with them. */
  readonly answers: string;
  readonly axis: 'C' | 'P';
  /** The two bits of the predicate in docs/llm/policy.md. */
  readonly decides: boolean;
  readonly computable: boolean;
  readonly classification: 'keep' | 'replace-now' | 'replaced';
  /** What answers in its place where it is replaced. */
  readonly by?: string;
  readonly why: string;
}

export interface WayRow {
  readonly file: string;
  readonly uses: readonly string[];
  readonly what: string;
}

export interface Inventory {
  readonly transport: { readonly port: string; readonly adapter: string; readonly madeIn: readonly string[] };
  readonly callSites: readonly { readonly at: string; readonly what: string }[];
  readonly entrances: readonly { readonly at: string; readonly what: string }[];
  readonly roles: readonly RoleRow[];
  readonly deterministic: readonly { readonly producer: string; readonly at: string; readonly what: string }[];
  readonly processes: readonly WayRow[];
  readonly network: readonly WayRow[];
  readonly packages: readonly string[];
}

export const PAGE = 'docs/llm/call-sites.md';

/** The machine-readable block of the page. */
export function inventory(): Inventory {
  const page = readFileSync(join(ROOT, PAGE), 'utf8');
  const [, block = ''] = /```yaml\n([^]*?)```/.exec(page) ?? [];
  return parse(block) as Inventory;
}
