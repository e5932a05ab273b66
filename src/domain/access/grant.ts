import {
  DEMO,
  LAND,
  LOCAL,
  PRINCIPAL_KINDS,
  SCOPES,
  SERVICE,
  type PrincipalKind,
  type ProjectScope,
  type Scope,
} from '../authority/principal';
import { A_PROJECT_KEY, isProjectKey } from '../ids';
import type { Instant } from '../instant';

/** What a token is to be good for. */
export interface Grant {
  readonly name: string;
  readonly scopes: readonly Scope[];
  readonly projects: ProjectScope;
  readonly kind: PrincipalKind;
  readonly expiresAt: Instant | null;
}

const TOKEN_NAME = /^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$/;
/** What events say `by` of the service's own doors; and what begins like a secret is one that was put in the wrong place. */
const NOT_A_NAME: readonly string[] = [SERVICE.name, LAND.name, DEMO.name, LOCAL.name, 'operator', 'api'];
const LIKE_SECRET = /^sgt_/i;
/** What nobody who comes by itself may decide about its own work. */
const NOT_FOR_AGENTS: readonly Scope[] = ['operate', 'admin'];
const MOST_PROJECTS = 100;
/** Of one for which nothing else is asked: what nobody looks after ends by itself. */
export const TOKEN_LIFE_DAYS = 90;

export const A_TOKEN_NAME = `letters, digits, dots, _ and -, at most 64, and none of ${NOT_A_NAME.join(', ')}`;
export const A_SCOPE_LIST = `some of ${SCOPES.join(', ')}, each once`;
export const A_PROJECT_SCOPE = `* or up to ${MOST_PROJECTS} projects (${A_PROJECT_KEY}), each once`;
export const A_PRINCIPAL_KIND = PRINCIPAL_KINDS.join(', ');

export function isTokenName(text: string): boolean {
  return TOKEN_NAME.test(text) && !LIKE_SECRET.test(text) && !NOT_A_NAME.includes(text.toLowerCase());
}

export function isScopeList(scopes: readonly unknown[]): scopes is readonly Scope[] {
  const known: readonly unknown[] = SCOPES;
  return scopes.length > 0 && isEachOnce(scopes) && scopes.every((scope) => known.includes(scope));
}

export function isProjectScope(projects: unknown): projects is ProjectScope {
  if (projects === '*') return true;
  if (!Array.isArray(projects) || projects.length === 0 || projects.length > MOST_PROJECTS) return false;
  return isEachOnce(projects) && projects.every((key) => typeof key === 'string' && isProjectKey(key));
}

export function isPrincipalKind(kind: unknown): kind is PrincipalKind {
  return (PRINCIPAL_KINDS as readonly unknown[]).includes(kind);
}

/** @returns what is wrong with it, in a line; null when nothing is. */
export function faultOfGrant({ name, scopes, projects, kind, expiresAt }: Grant, at: Instant): string | null {
  if (!isTokenName(name)) return `name: expected ${A_TOKEN_NAME}; choose another one`;
  if (!isPrincipalKind(kind)) return `kind: expected one of ${A_PRINCIPAL_KIND}; correct it`;
  if (!isScopeList(scopes)) return `scopes: expected ${A_SCOPE_LIST}; name what it is for`;
  if (!isProjectScope(projects)) return `projects: expected ${A_PROJECT_SCOPE}; correct it`;
  const tooMuch = scopes.filter((scope) => kind === 'agent' && NOT_FOR_AGENTS.includes(scope));
  if (tooMuch.length > 0)
    return `scopes: expected none of ${NOT_FOR_AGENTS.join(', ')} for an agent, saw ${tooMuch.join(', ')}; leave it out`;
  if (scopes.includes('admin') && projects !== '*')
    return 'scopes: expected admin for all projects alone, saw some projects; leave out admin, or name no project';
  if (expiresAt !== null && expiresAt <= at)
    return `expiresAt: expected an instant to come, saw ${expiresAt} at ${at}; choose a later one`;
  return null;
}

function isEachOnce(items: readonly unknown[]): boolean {
  return new Set(items).size === items.length;
}
