import type { Oid, TaskId } from '../ids';
import { isAgentRole, RETEST_ARTIFACT, rowOf, type WorkStage } from '../task/pipeline';

/** What a front-matter value may look like; all values are one printable ASCII line. */
export type FrontMatterType = 'text' | 'integer' | 'digest' | 'oid' | 'instant';

export interface FrontMatterKey {
  readonly name: string;
  readonly type: FrontMatterType;
  readonly required: boolean;
}

export type FrontMatterValues = Readonly<Record<string, string>>;

const required = (name: string, type: FrontMatterType): FrontMatterKey => ({ name, type, required: true });
const optional = (name: string, type: FrontMatterType): FrontMatterKey => ({ name, type, required: false });

/** Keys of the artifact of a command that the service ran, beside the verdict key. */
const SUITE_KEYS: readonly FrontMatterKey[] = [
  required('task', 'text'),
  required('run_id', 'text'),
  required('claim_revision', 'integer'),
  required('subject_oid', 'oid'),
  required('suite_digest', 'digest'),
  optional('exit_code', 'integer'),
  optional('cause', 'text'),
  required('isolation', 'text'),
  required('started_at', 'instant'),
  required('finished_at', 'instant'),
  required('duration_ms', 'integer'),
  required('producer', 'text'),
  required('log_digest', 'digest'),
];

/** Of a window of polls there is no one run: what is said of the run is that of the last poll. */
const MONITOR_KEYS: readonly FrontMatterKey[] = [
  required('task', 'text'),
  required('run_id', 'text'),
  required('claim_revision', 'integer'),
  required('subject_oid', 'oid'),
  required('check_digest', 'digest'),
  required('polls', 'integer'),
  required('bad_polls', 'integer'),
  required('started_at', 'instant'),
  required('finished_at', 'instant'),
  required('producer', 'text'),
];

/** Of a re-test, what its candidate was made from. */
const CANDIDATE_KEYS: readonly FrontMatterKey[] = [required('base_oid', 'oid'), required('tree_oid', 'oid')];

/** Keys an agent may add to its verdict; only the verdict itself is demanded of it. */
const AGENT_KEYS: readonly FrontMatterKey[] = [
  optional('task', 'text'),
  optional('subject_oid', 'oid'),
  optional('summary', 'text'),
];

/** The one table per stage from which both the writer and the reader are made. */
export function keysOf(stage: WorkStage, producer: 'runner' | 'agent'): readonly FrontMatterKey[] {
  const artifact = rowOf(stage).artifact;
  if (!artifact) throw new Error(`stage ${stage} has no artifact`);
  const ofRunner = stage === 'monitoring' ? MONITOR_KEYS : SUITE_KEYS;
  const rest = producer === 'runner' && !isAgentRole(rowOf(stage).producer) ? ofRunner : AGENT_KEYS;
  return [required(artifact.verdictKey, 'text'), ...rest];
}

/** Of the artifact of a re-test, which is made by the service and by nobody else. */
export const RETEST_KEYS: readonly FrontMatterKey[] = [
  required(RETEST_ARTIFACT.verdictKey, 'text'),
  ...SUITE_KEYS,
  ...CANDIDATE_KEYS,
];

const SHAPES: Readonly<Record<FrontMatterType, RegExp>> = {
  text: /^[!-~](?:[ -~]{0,198}[!-~])?$/,
  integer: /^-?[0-9]{1,18}$/,
  digest: /^[0-9a-f]{64}$/,
  oid: /^(?:[0-9a-f]{40}|[0-9a-f]{64})$/,
  instant: /^[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}\.[0-9]{3}Z$/,
};
const LINE = /^([a-z][a-z0-9_]{0,63}): (.{1,200})$/;
const FENCE = '---';
/** An artifact is a report, not a log store; a larger one is nobody's verdict. */
export const MAX_ARTIFACT_BYTES = 1024 * 1024;

export function writeFrontMatter(keys: readonly FrontMatterKey[], values: FrontMatterValues): string {
  const lines = keys.flatMap(({ name, type, required: demanded }) => {
    const value = values[name];
    if (value === undefined) {
      if (demanded) throw new Error(`front matter lacks ${name}`);
      return [];
    }
    if (!SHAPES[type].test(value)) throw new Error(`front matter: ${name} is no ${type}: ${JSON.stringify(value)}`);
    return [`${name}: ${value}`];
  });
  return [FENCE, ...lines, FENCE, ''].join('\n');
}

export type FrontMatter =
  | { readonly kind: 'ok'; readonly values: FrontMatterValues; readonly body: string }
  | { readonly kind: 'malformed'; readonly reason: string };

/**
 * Reads one artifact by a byte grammar of our own. YAML would accept escapes, anchors, tags, comments and duplicate keys,
 * each of which spells the same verdict in a way that a person does not see; here one spelling exists.
 */
export function readFrontMatter(keys: readonly FrontMatterKey[], bytes: Uint8Array): FrontMatter {
  if (bytes.length > MAX_ARTIFACT_BYTES) return malformed(`larger than ${MAX_ARTIFACT_BYTES} bytes`);
  const text = decodeUtf8(bytes);
  if (text === null) return malformed('not UTF-8');
  const lines = text.split('\n');
  const end = lines.indexOf(FENCE, 1);
  if (lines[0] !== FENCE || end < 2) return malformed('does not start with one front-matter block');
  const known = new Map(keys.map((key) => [key.name, key]));
  if (end - 1 > known.size) return malformed('more lines than known keys');
  const values = new Map<string, string>();
  for (const line of lines.slice(1, end)) {
    const [, name = '', value = ''] = LINE.exec(line) ?? [];
    const key = known.get(name);
    if (!key) return malformed(`unknown or badly written key in ${JSON.stringify(line.slice(0, 80))}`);
    if (values.has(name)) return malformed(`${name} stands twice`);
    if (!SHAPES[key.type].test(value)) return malformed(`${name} is no ${key.type}`);
    values.set(name, value);
  }
  const missing = keys.find(({ name, required: demanded }) => demanded && !values.has(name));
  if (missing) return malformed(`${missing.name} is missing`);
  const body = lines.slice(end + 1);
  // A second block, or the verdict key at the start of a line, is what a forger would write for a careless reader.
  const verdictKey = keys[0]?.name ?? '';
  if (body.some((line) => line === FENCE || line.startsWith(verdictKey))) {
    return malformed('the body holds a second block or the verdict key');
  }
  return { kind: 'ok', values: Object.fromEntries(values), body: body.join('\n') };
}

export type AgentVerdict =
  { readonly kind: 'ok'; readonly status: string } | { readonly kind: 'malformed'; readonly reason: string };

/** What an artifact has to be about, where it says what it is about. */
export interface ArtifactSubject {
  readonly task: TaskId;
  readonly headOid: Oid | null;
}

/**
 * Reads the verdict of one stage's artifact; a value that the stage does not know is malformed.
 *
 * @param about left out: whatever it says. With it, an artifact that says it is another task's or another commit's is malformed.
 */
export function readVerdict(
  stage: WorkStage,
  producer: 'runner' | 'agent',
  bytes: Uint8Array,
  about?: ArtifactSubject,
): AgentVerdict {
  const artifact = rowOf(stage).artifact;
  if (!artifact) return malformed(`stage ${stage} has no artifact`);
  const read = readFrontMatter(keysOf(stage, producer), bytes);
  if (read.kind === 'malformed') return read;
  const status = read.values[artifact.verdictKey] ?? '';
  if (status !== artifact.passes && status !== artifact.fails) {
    const allowed = artifact.fails === null ? artifact.passes : `${artifact.passes} or ${artifact.fails}`;
    return malformed(`${artifact.verdictKey} is ${JSON.stringify(status)}, expected ${allowed}`);
  }
  const stranger = about ? foreignIn(read.values, about) : null;
  return stranger === null ? { kind: 'ok', status } : malformed(stranger);
}

/** Handed in for another task or commit than the one it names, it was made for that one. */
function foreignIn({ task, subject_oid: oid }: FrontMatterValues, about: ArtifactSubject): string | null {
  if (task !== undefined && task !== about.task) return `task is ${JSON.stringify(task)}, expected ${about.task}`;
  if (oid !== undefined && oid !== about.headOid) return `subject_oid is ${oid}, expected ${about.headOid ?? 'none'}`;
  return null;
}

function malformed(reason: string): { kind: 'malformed'; reason: string } {
  return { kind: 'malformed', reason };
}

/** @returns null for what is not UTF-8; a byte-order mark stays, for whoever reads to see. */
export function decodeUtf8(bytes: Uint8Array): string | null {
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    // The decoder has no other way to say "not UTF-8".
    return null;
  }
}
