/** The host has a dot, a port or brackets, or is localhost: as container tools tell it from the first part of a name. */
const HOST =
  '(?:localhost|[A-Za-z0-9-]+(?:\\.[A-Za-z0-9-]+)+|[A-Za-z0-9-]+(?=:[0-9])|\\[[0-9a-fA-F:]+\\])(?::[0-9]{1,5})?';
const PART = '[a-z0-9]+(?:(?:\\.|_|__|-+)[a-z0-9]+)*';
const TAG = '(?:[A-Za-z0-9_]|\\{commit\\})(?:[A-Za-z0-9_.-]|\\{commit\\}){0,127}';

export const REFERENCE_PATTERN = `^${HOST}(?:/${PART}){1,16}:${TAG}$`;
export const A_REFERENCE = 'host/repository:tag, such as registry.example/team/app:{commit}';

export interface Reference {
  /** With its port, where it has one. */
  readonly host: string;
  readonly repository: string;
  readonly tag: string;
}

/** @returns null for what is none. */
export function parseReference(image: string): Reference | null {
  if (!new RegExp(REFERENCE_PATTERN).test(image)) return null;
  const slash = image.indexOf('/');
  const colon = image.lastIndexOf(':');
  const host = image.slice(0, slash).toLowerCase();
  const repository = image.slice(slash + 1, colon);
  return { host: host === 'docker.io' ? 'registry-1.docker.io' : host, repository, tag: image.slice(colon + 1) };
}
