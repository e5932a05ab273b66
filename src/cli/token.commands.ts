import type { NewToken, TokenView } from '../application/access/tokens';
import type { PrincipalKind, Scope } from '../domain/authority/principal';
import { instant, parseInstant } from '../domain/instant';
import { quoted } from '../application/secrets';
import { allPages } from './all-pages';
import type { Client } from './client';
import type { Output } from './output';
import { UserError } from './user-error';

/** What the flags of `token create` say. */
export interface TokenFlags {
  readonly scope: readonly string[];
  readonly project?: readonly string[];
  readonly kind: string;
  readonly expires: string;
}

/** The token alone on stdout: a script can take it from there, and nobody else is shown it again. */
export async function createToken(client: Client, output: Output, name: string, flags: TokenFlags): Promise<void> {
  const made = await client.createToken({
    name,
    // What they may be is for the rules to say, at either door.
    scopes: flags.scope as readonly Scope[],
    projects: flags.project ?? '*',
    kind: flags.kind as PrincipalKind,
    expiresAt: endOf(flags.expires),
  });
  if (output.isJson) {
    output.json(made);
    return;
  }
  output.line(made.token);
  output.note(`${described(made)}; keep it, it is not shown again`);
}

export async function listTokens(client: Client, output: Output): Promise<void> {
  const page = await allPages((cursor) => client.tokens(cursor));
  if (output.isJson) {
    output.json(page);
    return;
  }
  const header = ['name', 'id', 'kind', 'scopes', 'projects', 'created', 'by', 'expires', 'revoked'];
  output.table(header, (page?.items ?? []).map(rowOf));
}

export async function revokeToken(client: Client, output: Output, named: string, reason: string): Promise<void> {
  const token = await client.revokeToken(named, reason);
  if (output.isJson) output.json(token);
  else output.line(`${token.name} is revoked, by ${token.revoked?.by ?? ''}: ${token.revoked?.reason ?? ''}`);
}

const ID_SHOWN = 4;

function rowOf(token: TokenView): readonly string[] {
  const { name, id, kind, scopes, createdAt, createdBy, expiresAt, revoked } = token;
  const end = revoked === null ? '' : `${revoked.at} by ${revoked.by}`;
  const lasts = expiresAt ?? 'never';
  return [name, `…${id.slice(-ID_SHOWN)}`, kind, scopes.join(','), placesOf(token), createdAt, createdBy, lasts, end];
}

function described(token: NewToken): string {
  const end = token.expiresAt === null ? 'does not expire' : `expires ${token.expiresAt}`;
  return `${token.name} may ${token.scopes.join(', ')} in ${placesOf(token)}; ${end}`;
}

function placesOf({ projects }: TokenView): string {
  return projects === '*' ? 'all projects' : projects.join(',');
}

const UNITS_MS: Readonly<Record<string, number>> = { m: 60_000, h: 3_600_000, d: 86_400_000 };

/** `30d`, an instant, or `never`. @returns null for never. */
function endOf(text: string): string | null {
  if (text === 'never') return null;
  const [, digits = '', unit = ''] = /^([1-9]\d{0,4})([mhd])$/.exec(text) ?? [];
  const end = unit === '' ? parseInstant(text) : instant(Date.now() + Number(digits) * (UNITS_MS[unit] ?? 0));
  if (end !== null) return end;
  throw new UserError(`--expires: expected 30d, 12h, 30m, never, or an instant with its zone, saw ${quoted(text)}`);
}
