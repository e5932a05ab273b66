import { FINDING_LEVELS, type Finding } from '../../../domain/gates/security/findings';
import {
  fieldsOf,
  kindOf,
  listOf,
  Malformed,
  optionalFields,
  optionalOf,
  optionalText,
  optionalWhole,
  type Fields,
} from '../malformed';
import { idOf, ruleOf, severityIn, type Components } from './rules';

const KINDS = ['fail', 'pass', 'notApplicable', 'informational', 'open', 'review'] as const;
const BASELINE_STATES = ['new', 'unchanged', 'updated', 'absent'] as const;
const STATUSES = ['accepted', 'underReview', 'rejected'] as const;

interface Around {
  /** Where the result stands, for complaints. */
  readonly at: string;
  readonly components: Components;
  /** Files of the run, which locations may name by their places. */
  readonly artifacts: readonly unknown[];
}

/** @returns null for what is no finding: a check that passed, or what is gone since a baseline of the tool. */
export function readResult(result: Fields, { at, components, artifacts }: Around): Finding | null {
  const kind = optionalOf(result['kind'], KINDS, `${at}.kind`) ?? 'fail';
  const baseline = optionalOf(result['baselineState'], BASELINE_STATES, `${at}.baselineState`);
  const rule = ruleOf(result, components, at);
  const level = optionalOf(result['level'], FINDING_LEVELS, `${at}.level`) ?? rule?.level ?? 'warning';
  const place = placeOf(result, artifacts, at);
  const message = messageOf(result['message'], `${at}.message`);
  const [tool, id] = [components.driver.name, rule?.id ?? idOf(result, at) ?? '(no rule)'];
  const isSuppressed = isAccepted(result['suppressions'], `${at}.suppressions`);
  const severity = severityIn(result['properties'], `${at}.properties`) ?? rule?.severity ?? null;
  if (kind !== 'fail' || baseline === 'absent') return null;
  const { path, line, snippet } = place;
  const marks = fingerprintOf(result, at) ?? ['at', path, snippet ?? message];
  const identity = JSON.stringify([tool, id, ...marks]);
  return { tool, rule: id, level, severity, path, line, message, isSuppressed, identity };
}

/**
 * What a tool says to know a finding by. Without the place, so that a file which is moved brings nothing in; findings that have
 * the same one are counted instead.
 */
function fingerprintOf(result: Fields, at: string): readonly string[] | null {
  const partial = textsIn(result['partialFingerprints'], `${at}.partialFingerprints`);
  const [, line] = partial.find(([name]) => /^primaryLocationLineHash(\/v\d+)?$/.test(name)) ?? [];
  // Behind the colon stands how often the line was met in its file before.
  if (line !== undefined) return ['line', line.replace(/:\d+$/, '')];
  const all = partial.length > 0 ? partial : textsIn(result['fingerprints'], `${at}.fingerprints`);
  return all.length > 0 ? ['fingerprints', ...all.flat()] : null;
}

function textsIn(bag: unknown, at: string): readonly (readonly [string, string])[] {
  return Object.entries(optionalFields(bag, at) ?? {})
    .map(([name, value]) => {
      if (typeof value !== 'string')
        throw new Malformed(`${at}.${name.slice(0, 60)}: expected text, saw ${kindOf(value)}`);
      return [name, value] as const;
    })
    .sort(([a], [b]) => (a < b ? -1 : 1));
}

interface Place {
  readonly path: string;
  readonly line: number | null;
  readonly snippet: string | null;
}

function placeOf(result: Fields, artifacts: readonly unknown[], at: string): Place {
  const [first] = listOf(result['locations'], `${at}.locations`);
  const where = `${at}.locations[0].physicalLocation`;
  const location = optionalFields(optionalFields(first, `${at}.locations[0]`)?.['physicalLocation'], where);
  const region = optionalFields(location?.['region'], `${where}.region`);
  const snippet = optionalFields(region?.['snippet'], `${where}.region.snippet`);
  return {
    path: pathOf(optionalFields(location?.['artifactLocation'], `${where}.artifactLocation`), artifacts, where),
    line: optionalWhole(region?.['startLine'], `${where}.region.startLine`, 1),
    snippet: optionalText(snippet?.['text'], `${where}.region.snippet.text`),
  };
}

function pathOf(location: Fields | null, artifacts: readonly unknown[], at: string): string {
  if (!location) return '';
  const index = optionalWhole(location['index'], `${at}.artifactLocation.index`, -1) ?? -1;
  const uri = optionalText(location['uri'], `${at}.artifactLocation.uri`);
  if (uri !== null || index === -1) return uri === null ? '' : plainPath(uri);
  const artifact = optionalFields(fieldsOf(artifacts[index], `${at}.artifactLocation.index`)['location'], at);
  return plainPath(optionalText(artifact?.['uri'], at) ?? '');
}

function plainPath(uri: string): string {
  // No pattern does it: each of very many would need its place on the stack.
  let start = 0;
  while (uri.startsWith('./', start)) start += 2;
  const path = uri.slice(start);
  try {
    return decodeURIComponent(path);
  } catch {
    // No encoded URI, as some tools write: then it is what it says.
    return path;
  }
}

function messageOf(value: unknown, at: string): string {
  const message = optionalFields(value, at);
  const said = ['text', 'markdown', 'id'].map((name) => optionalText(message?.[name], `${at}.${name}`));
  return said.find((text) => text !== null && text !== '') ?? '(no message)';
}

/** Accepted where there is a suppression, and none of them is under review or was rejected. */
function isAccepted(value: unknown, at: string): boolean {
  const suppressions = listOf(value, at).map((each, index) => fieldsOf(each, `${at}[${index}]`));
  const statuses = suppressions.map(({ status }, index) => optionalOf(status, STATUSES, `${at}[${index}].status`));
  return statuses.length > 0 && statuses.every((status) => status === null || status === 'accepted');
}
