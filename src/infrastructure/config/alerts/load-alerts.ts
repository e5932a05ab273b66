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
  const places = [sink.url, ...(sink.kind === 'webhook' ? sink.secrets : [])];
  return places.filter((place) => typeof place !== 'string');
}

function sinkOf({ document, projects }: ProjectFile, folder: string, name: string, raw: RawSink): AlertSinkSettings {
  const at = ['alerts', 'sinks', name];
  const { kind, url, urlFrom, secrets, allow = [], projects: named = null, severities = null } = raw;
  const placed = (place: SecretPlace) => placedIn(folder, place);
  if ((url === undefined) === (urlFrom === undefined))
    throw document.errorAt(at, 'expected either url or urlFrom; write one of them', 'key');
  if ((kind === 'webhook') !== (secrets !== undefined))
    throw document.errorAt(
      at,
      kind === 'webhook' ? 'secrets is missing; add it' : 'expected no secrets; take them out',
      'key',
    );
  const known = [...projects.keys()];
  const unknown = named?.find((project) => !known.includes(project));
  if (unknown !== undefined) {
    const advice = didYouMean(unknown, known) || '; correct it';
    throw document.errorAt([...at, 'projects'], `expected projects of this file, saw ${unknown}${advice}`);
  }
  const target = url ?? (urlFrom ? placed(urlFrom) : '');
  const common = { name, route: { projects: named, severities }, url: target, allowed: allow };
  return kind === 'webhook' ? { ...common, kind, secrets: (secrets ?? []).map(placed) } : { ...common, kind };
}
