import { saidIn } from '../gates/outside-evidence';
import type { Digest } from '../ids';
import type { JsonObject } from '../json';
import { isObject } from '../shape';
import { jobFor, jobName } from './job';
import { RETEST_ARTIFACT, stageOf, type GateName, type WorkStage } from './pipeline';
import type { TaskEvent, TaskEventData } from './task.events';

/** A text about a task that is kept by its content, as the event says that cites it. */
export interface CitedArtifact {
  readonly name: string;
  readonly digest: Digest;
  readonly stage: WorkStage;
  /** Whose evidence it is; null for a verdict's. */
  readonly gate: GateName | null;
  /** The check from outside that brought it; null for what was made here. */
  readonly check: string | null;
  readonly runId: string | null;
}

type Citing = 'VerdictRecorded' | 'RetestFinished' | 'EvidenceRecorded';

const CITED: { readonly [T in Citing]: (data: TaskEventData[T]) => readonly CitedArtifact[] } = {
  VerdictRecorded: ofVerdict,
  RetestFinished: ofRetest,
  EvidenceRecorded: (data) => (data.claim === undefined ? ofCheck(data) : ofJob(data)),
};

/** Events that may cite one. */
export const CITING = Object.keys(CITED) as readonly Citing[];

export function artifactsIn({ type, data }: TaskEvent): readonly CitedArtifact[] {
  const cited = CITED as Partial<Record<string, (data: unknown) => readonly CitedArtifact[]>>;
  return cited[type]?.(data) ?? [];
}

function ofVerdict({ artifact, stage, runId }: TaskEventData['VerdictRecorded']): readonly CitedArtifact[] {
  return artifact ? [{ ...artifact, stage, gate: null, check: null, runId }] : [];
}

function ofRetest({ artifact, output, run }: TaskEventData['RetestFinished']): readonly CitedArtifact[] {
  const kept = artifact ?? (output === undefined ? null : { name: RETEST_ARTIFACT.file, digest: output });
  return kept ? [{ ...kept, ...ofGate('check_branch_mergeable'), runId: run.runId }] : [];
}

/** What a person reads of it, and the reports of both sides. */
function ofJob({ gate, evidence, artifact, run }: TaskEventData['EvidenceRecorded']): readonly CitedArtifact[] {
  const job = jobFor(gate);
  const name = job ? jobName(job) : gate;
  const of = { ...ofGate(gate), runId: run?.runId ?? null };
  const base = isObject(evidence['base']) ? evidence['base'] : {};
  const found = [
    artifact ?? { name: `${name}.md`, digest: evidence['output'] },
    { name: `${name}-report.txt`, digest: evidence['report'] },
    { name: `${name}-report-of-main.txt`, digest: base['report'] },
  ];
  return found.flatMap((one) =>
    typeof one.digest === 'string' ? [{ name: one.name, digest: one.digest, ...of }] : [],
  );
}

/** Files that CI has sent. */
function ofCheck({ gate, evidence }: TaskEventData['EvidenceRecorded']): readonly CitedArtifact[] {
  const files: readonly unknown[] = Array.isArray(evidence['files']) ? evidence['files'] : [];
  const of = { ...ofGate(gate), check: saidIn(evidence, 'name'), runId: null };
  return files
    .filter((file): file is JsonObject => isObject(file))
    .map((file) => ({ name: saidIn(file, 'name'), digest: saidIn(file, 'digest'), ...of }));
}

function ofGate(gate: GateName) {
  return { stage: stageOf(gate), gate, check: null };
}

/** All of them are text; what is not known by its name is that and no more. */
export function mediaTypeOf(name: string): string {
  return TYPES.get(/\.([a-z]+)$/.exec(name)?.[1] ?? '') ?? 'text/plain';
}

const TYPES: ReadonlyMap<string, string> = new Map([
  ['md', 'text/markdown'],
  ['json', 'application/json'],
  ['sarif', 'application/sarif+json'],
  ['xml', 'application/xml'],
  ['csv', 'text/csv'],
]);
