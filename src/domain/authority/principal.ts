/** What a principal may do. Reading needs none. */
export const RIGHTS = ['submit', 'work', 'operate'] as const;
export type Right = (typeof RIGHTS)[number];

/** Who asks for something. Made at the doors and by the service itself, never from what a caller says of itself. */
export interface Principal {
  /** As events say it. */
  readonly name: string;
  readonly kind: 'person' | 'service';
  readonly rights: readonly Right[];
}

/** What the service decides and does by itself. */
export const SERVICE: Principal = { name: 'stagegate', kind: 'service', rights: ['work'] };
/** What `land` asks for on behalf of whoever runs it. */
export const LAND: Principal = { name: 'land', kind: 'service', rights: ['submit', 'operate'] };
/** The samples of `demo`. */
export const DEMO: Principal = { name: 'demo', kind: 'service', rights: ['submit'] };
/** Whoever can reach the loopback port: as long as there are no tokens, nobody can be told from anybody else. */
export const LOCAL = operator('local');

/** A person who may do what people do. One whose account has the name of the service is not taken for it. */
export function operator(name: string): Principal {
  return { name: isOfService(name) ? `user ${name}` : name, kind: 'person', rights: ['submit', 'operate'] };
}

/** Whether an event says `by` this name that nobody asked for it. */
export function isOfService(by: string): boolean {
  return by === SERVICE.name;
}
