/** Points at which a test may stop or kill the process; see docs/reliability.md for the list. */
export type Failpoint =
  | 'append.before'
  | 'append.after'
  | 'delivery.recorded'
  | 'subscriber.taken'
  | 'subscriber.handled'
  | 'subscriber.done'
  | 'land.beforeFetch'
  | 'land.beforeTransaction'
  | 'land.afterMarker'
  | 'land.afterTransaction'
  | 'land.beforeIndex'
  | 'land.afterIndex'
  | 'deploy.begun'
  | 'deploy.ran'
  | 'monitor.polled';

type Hook = (point: Failpoint) => Promise<void> | void;

let hook: Hook | null = null;

/** Installed once, at start, by the composition root; never in production. */
export function installFailpoints(install: Hook | null): void {
  hook = install;
}

export async function failpoint(point: Failpoint): Promise<void> {
  if (hook) await hook(point);
}
