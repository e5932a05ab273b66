import { A_URL, holdsCredentials } from '../../../../application/secrets';
import { pollsIn } from '../../../../domain/task/monitor';
import type { YamlDocument } from '../../values/yaml-document';
import { USUAL_MONITOR } from '../policy-defaults';
import type { MonitorSettings } from '../project-settings';
import type { RawMonitor } from '../raw-project';

/** Each is two events of the task, so nobody watches for days this way. */
const MOST_POLLS = 1_000;

/** The block `monitor`, with what no schema can tell. */
export function monitorSettings(
  document: YamlDocument,
  project: string,
  raw: RawMonitor,
  readMs: (text: string | undefined, key: string) => number | undefined,
): MonitorSettings {
  const wrong = (key: keyof RawMonitor, text: string) =>
    document.errorAt(['projects', project, 'monitor', key], `${text}; correct it`);
  const { command, url, expect, grace, env, failures } = raw;
  if (url !== undefined && command !== undefined) throw wrong('url', 'expected either command or url, saw both');
  if (url === undefined && command === undefined) throw wrong('command', 'expected either command or url, saw neither');
  if (url === undefined && expect)
    throw wrong('expect', 'expected url beside it, saw command, whose exit code decides');
  if (url !== undefined && grace !== undefined) throw wrong('grace', 'expected command beside it, saw url');
  if (url !== undefined && env) throw wrong('env', 'expected command beside it, saw url, which gets no variables');
  const fault = url === undefined ? null : faultOf(url);
  if (fault !== null) throw wrong('url', fault);
  const everyMs = readMs(raw.every, 'every') ?? USUAL_MONITOR.everyMs;
  const forMs = readMs(raw.for, 'for') ?? USUAL_MONITOR.forMs;
  if (everyMs > forMs) throw wrong('every', `expected at most \`for\`, ${forMs} ms, saw ${everyMs} ms`);
  if (pollsIn({ ...USUAL_MONITOR, everyMs, forMs, check: { kind: 'url', url: '' } }) > MOST_POLLS)
    throw wrong('every', `expected at most ${MOST_POLLS} polls in ${forMs} ms, saw one every ${everyMs} ms`);
  const settings = { everyMs, forMs, timeoutMs: readMs(raw.timeout, 'timeout'), failures };
  if (url !== undefined)
    return { ...settings, check: { kind: 'url', url: new URL(url).href, ...(expect && { expect }) } };
  return { ...settings, check: { kind: 'command', command: command ?? '', env, graceMs: readMs(grace, 'grace') } };
}

/** It is recorded, and shown. What is not understood is not shown: it may hold a password. */
function faultOf(text: string): string | null {
  if (holdsCredentials(text)) return 'expected a URL without a user and a password, saw one with them';
  if (!URL.canParse(text)) return `expected a URL of http or https, saw ${A_URL}`;
  const { protocol, hash, username, password } = new URL(text);
  if (username !== '' || password !== '') return 'expected a URL without a user and a password, saw one with them';
  if (protocol !== 'http:' && protocol !== 'https:') return `expected a URL of http or https, saw one of ${protocol}`;
  return hash === '' ? null : 'expected a URL without a fragment, which no server gets, saw one with it';
}
