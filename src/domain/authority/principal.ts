/** What a token may be given. */
export const SCOPES = ['read', 'submit', 'work', 'operate', 'admin'] as const;
export type Scope = (typeof SCOPES)[number];

/** What commands need: a scope, or to be the service, which decides by itself what no caller can ask for. */
export const RIGHTS = [...SCOPES, 'conduct'] as const;
export type Right = (typeof RIGHTS)[number];

/** Keys of projects, or all there are and will be. */
export type ProjectScope = '*' | readonly string[];

/** Whether somebody sees a project: what is not within is not there for them. */
export function isWithin(scope: ProjectScope, project: string): boolean {
  return scope === '*' || scope.includes(project);
}

export const PRINCIPAL_KINDS = ['person', 'service', 'agent'] as const;
export type PrincipalKind = (typeof PRINCIPAL_KINDS)[number];

/** Who asks for something. Made at the doors and by the service itself, never from what a caller says of itself. */
export interface Principal {
  /** As events say it. */
  readonly name: string;
  readonly kind: PrincipalKind;
  readonly rights: readonly Right[];
  /** Where it has them. */
  readonly projects: ProjectScope;
}

/** What the service decides and does by itself. */
export const SERVICE: Principal = { name: 'stagegate', kind: 'service', rights: ['work', 'conduct'], projects: '*' };
/** What `land` asks for on behalf of whoever runs it. */
export const LAND: Principal = { name: 'land', kind: 'service', rights: ['submit', 'operate'], projects: '*' };
/** The samples of `demo`. */
export const DEMO: Principal = { name: 'demo', kind: 'service', rights: ['submit'], projects: '*' };
/** Whoever can read the operator's secret of a service: nobody can be told from anybody else of that account. */
export const LOCAL = operator('local');

/** A person who may do what people do. One whose account has the name of the service is not taken for it. */
export function operator(name: string): Principal {
  return { name: isOfService(name) ? `user ${name}` : name, kind: 'person', rights: SCOPES, projects: '*' };
}

/** Whether an event says `by` this name that nobody asked for it. */
export function isOfService(by: string): boolean {
  return by === SERVICE.name;
}
