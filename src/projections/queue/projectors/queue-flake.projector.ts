import type { Digest, Oid } from '../../../domain/ids';
import type { Instant } from '../../../domain/instant';
import type { Colour, ColourSeen } from '../../../domain/merge/colours';
import type { LogEvent } from '../../events/log-event';

/** One run on the tree, and when the ledger learned of it. */
export interface ColourOnTree extends ColourSeen {
  readonly at: Instant;
}

export interface FlakyTest {
  readonly name: string;
  readonly times: number;
}

/** A tree on which a suite was red and green. */
export interface QueueFlake {
  readonly project: string;
  readonly suiteDigest: Digest;
  readonly treeOid: Oid;
  /** The task on whose way it was seen last. */
  readonly taskId: string;
  readonly firstAt: Instant;
  readonly lastAt: Instant;
  /** How often the two colours were found. */
  readonly times: number;
  /** The latest runs, latest last. */
  readonly seen: readonly ColourOnTree[];
  /** Tests that failed in the red runs, and in how many of them; empty where no report named any. */
  readonly tests: readonly FlakyTest[];
}

/** Runs that a row keeps. */
const KEPT = 20;
const KEPT_TESTS = 50;
const OTHER = { green: 'red', red: 'green' } as const satisfies Record<Colour, Colour>;

export function keysOf(seen: LogEvent): readonly string[] {
  const found = flakeIn(seen);
  return found ? [`${seen.project} ${found.suiteDigest} ${found.treeOid}`] : [];
}

export function fold(row: QueueFlake | null, seen: LogEvent): QueueFlake | null {
  const found = flakeIn(seen);
  if (!found || seen.of !== 'task') return row;
  const at = seen.event.envelope.occurredAt;
  const { suiteDigest, treeOid, before, runId, failed = before.failed ?? [] } = found;
  const { colour, runId: first } = before;
  const runs: readonly ColourSeen[] = [
    { colour, runId: first },
    { colour: OTHER[colour], runId },
  ];
  const known = row?.seen ?? [];
  const fresh = runs.filter((run) => !known.some((one) => one.runId === run.runId));
  return {
    project: seen.project,
    suiteDigest,
    treeOid,
    taskId: seen.taskId,
    firstAt: row?.firstAt ?? at,
    lastAt: at,
    times: (row?.times ?? 0) + 1,
    seen: [...known, ...fresh.map((run) => ({ ...run, at }))].slice(-KEPT),
    tests: withFailed(row?.tests ?? [], failed),
  };
}

function withFailed(known: readonly FlakyTest[], failed: readonly string[]): readonly FlakyTest[] {
  const fresh = failed.filter((name) => !known.some((test) => test.name === name));
  const counted = known.map(({ name, times }) => ({ name, times: times + (failed.includes(name) ? 1 : 0) }));
  return [...counted, ...fresh.map((name) => ({ name, times: 1 }))].slice(0, KEPT_TESTS);
}

interface Found {
  readonly suiteDigest: Digest;
  readonly treeOid: Oid;
  readonly before: ColourSeen;
  readonly runId: string;
  /** Of this run, where it is the red one. */
  readonly failed?: readonly string[];
}

function flakeIn(seen: LogEvent): Found | null {
  if (seen.of !== 'task') return null;
  const { type, data } = seen.event;
  if (type === 'RetestFinished' && data.outcome === 'inconclusive')
    return whole({ ...data, runId: data.run.runId, failed: data.run.tests?.failedNames ?? null });
  if (type === 'VerdictRecorded' && data.cause === 'inconclusive') return whole(data);
  return null;
}

/** An event that does not say which runs on which tree tells the ledger nothing. */
function whole({
  suiteDigest,
  treeOid,
  before,
  runId,
  failed,
}: { [Name in keyof Found]?: Found[Name] | null }): Found | null {
  if (!suiteDigest || !treeOid || !before || !runId) return null;
  return { suiteDigest, treeOid, before, runId, ...(failed ? { failed } : {}) };
}
