import { dirname } from 'node:path';
import { didYouMean } from '../../../domain/nearest-name';
import type { AlertSettings, AlertSinkSettings } from '../../alerts/alert-settings';
import { placedIn, type SecretPlace } from '../../secrets/secret-place';
import type { RawSink } from './raw-alerts';
import { parseProjectFile, type ProjectFile } from '../project/project-file';
import { projectText } from '../project/project-text';

/** @param path of the project file, absolute. @throws ConfigError with its line. */
export function loadAlerts(path: string): AlertSettings {
  return alertSettings(parseProjectFile(path, projectText(path)), dirname(path));
}

/** @param folder that relative paths count from. */
export function alertSettings(file: ProjectFile, folder: string): AlertSettings {
  const { sinks = {} } = file.alerts;
  return {
    sinks: Object.entries(sinks).map(([name, raw]) => sinkOf(file, folder, name, raw)),
  };
}

/** Where the secrets of a sink are; its URL may be one. */
export function placesOfSink(sink: AlertSinkSettings): readonly SecretPlace[] {
  const places = [sink.url, ...ownPlaces(sink)];
  return places.filter((place) => typeof place !== 'string');
}

function ownPlaces(sink: AlertSinkSettings): readonly SecretPlace[] {
  switch (sink.kind) {
    case 'webhook':
      return sink.secrets;
    case 'email':
      return sink.login ? [sink.login.password] : [];
    case 'slack':
      return [];
  }
}

/** Which kinds of sinks have a key. */
const KEYS_OF: Readonly<Record<string, readonly AlertSinkSettings['kind'][]>> = {
  secrets: ['webhook'],
  from: ['email'],
  to: ['email'],
  user: ['email'],
  password: ['email'],
};
const OPTIONAL: readonly string[] = ['user', 'password'];

function sinkOf({ document, projects }: ProjectFile, folder: string, name: string, raw: RawSink): AlertSinkSettings {
  const at = ['alerts', 'sinks', name];
  const { kind, url, urlFrom, secrets, allow = [], projects: named = null, severities = null } = raw;
  const { from = '', to = [], user, password } = raw;
  const placed = (place: SecretPlace) => placedIn(folder, place);
  if ((url === undefined) === (urlFrom === undefined))
    throw document.errorAt(at, 'expected either url or urlFrom; write one of them', 'key');
  for (const [key, kinds] of Object.entries(KEYS_OF)) {
    const isThere = raw[key as keyof RawSink] !== undefined;
    if (isThere && !kinds.includes(kind))
      throw document.errorAt(at, `expected no ${key}; take ${key === 'secrets' ? 'them' : 'it'} out`, 'key');
    if (!isThere && kinds.includes(kind) && !OPTIONAL.includes(key))
      throw document.errorAt(at, `${key} is missing; add it`, 'key');
  }
  if ((user === undefined) !== (password === undefined))
    throw document.errorAt(at, 'expected user and password, or neither; add the other one', 'key');
  if (url !== undefined && /^smtps?:/.test(url) !== (kind === 'email'))
    throw document.errorAt(
      [...at, 'url'],
      `expected a URL of ${kind === 'email' ? 'smtps or smtp' : 'https'}, saw another`,
    );
  const known = [...projects.keys()];
  const unknown = named?.find((project) => !known.includes(project));
  if (unknown !== undefined) {
    const advice = didYouMean(unknown, known) || '; correct it';
    throw document.errorAt([...at, 'projects'], `expected projects of this file, saw ${unknown}${advice}`);
  }
  const target = url ?? (urlFrom ? placed(urlFrom) : '');
  const common = { name, route: { projects: named, severities }, url: target, allowed: allow };
  if (kind === 'webhook') return { ...common, kind, secrets: (secrets ?? []).map(placed) };
  if (kind === 'slack') return { ...common, kind };
  const login = user === undefined || password === undefined ? null : { user, password: placed(password) };
  return { ...common, kind, from, to, login };
}
