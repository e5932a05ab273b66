import { taskStream, type Digest, type TaskId } from '../../domain/ids';
import type { OutsideClaim } from '../../domain/task/outside';
import { doesCommit } from '../../domain/task/pipeline';
import type { OutcomeCommand } from '../../domain/task/task.commands';
import type { ClaimToken, TaskEvent, TaskEventData } from '../../domain/task/task.events';
import type { EventStore } from '../ports/event-store';
import { readTaskEvent } from '../read-events';
import type { Handed } from './work-requests';

/** What a claim's own worker has made of it. */
export interface HandedIn {
  readonly by: OutcomeCommand['type'];
  readonly answer: Handed;
  /** Of the artifact that was kept with it; null where there is none. */
  readonly digest: Digest | null;
}

/** A claim of an outside worker that is not open any more, as its stream tells. */
export interface ClosedClaim {
  readonly claimed: TaskEventData['TransitionClaimed'] & { readonly outside: OutsideClaim };
  /** null when somebody else has ended it. */
  readonly handed: HandedIn | null;
  /** How it ended, completing "claim 7 ". */
  readonly how: string;
  /** A late result of it has been noted. */
  readonly isRefused: boolean;
}

const PAGE = 500;

/** @returns null when the token is not that of a claim of an outside worker. */
export async function closedClaim(store: EventStore, task: TaskId, token: ClaimToken): Promise<ClosedClaim | null> {
  // One spelling of each: by another one an open claim would look like one that is closed.
  if (!/^(?:0|[1-9]\d{0,17})$/.test(token)) return null;
  const [first, ...later] = await readFrom(store, task, BigInt(token));
  if (first?.type !== 'TransitionClaimed' || !first.data.outside) return null;
  const claimed = { ...first.data, outside: first.data.outside };
  const isRefused = later.some((event) => event.type === 'StaleResultRefused' && cites(event, token));
  const ends = later.flatMap((event) => howItEnded(event, token) ?? []);
  return { claimed, isRefused, how: ends[0] ?? 'ended with its task', handed: handedIn(later, task, token) };
}

/** What the worker of a claim has handed in, by the events that it led to; null when somebody else has ended the claim. */
export function handedIn(events: readonly TaskEvent[], task: TaskId, claim: ClaimToken): HandedIn | null {
  const plain = { task, claim, verdict: null, headOid: null, reason: null };
  for (const event of events) {
    if (!cites(event, claim)) continue;
    switch (event.type) {
      case 'AgentJobFinished': {
        const { role, headOid } = event.data;
        const verdict = events.find((each) => each.type === 'VerdictRecorded' && cites(each, claim));
        const said = verdict?.type === 'VerdictRecorded' ? verdict.data : null;
        const head = doesCommit(role) ? headOid : null;
        const answer: Handed = { ...plain, outcome: 'completed', verdict: said?.status ?? null, headOid: head };
        return { by: 'ReportAgentDone', answer, digest: said?.artifact?.digest ?? null };
      }
      case 'AgentJobErrored': {
        const { reason, detail } = event.data;
        const by = reason === GAVE_UP ? 'ReportAgentError' : 'ReportAgentDone';
        return { by, answer: { ...plain, outcome: 'failed', reason: detail }, digest: null };
      }
      case 'ClaimReleased':
        return {
          by: 'ReleaseClaim',
          answer: { ...plain, outcome: 'released', reason: event.data.reason },
          digest: null,
        };
      default:
    }
  }
  return null;
}

/** Why a job of an outside worker failed that says so itself; every other reason is found in what it hands in. */
export const GAVE_UP = 'gave-up';

function howItEnded(event: TaskEvent, claim: ClaimToken): string | null {
  if (event.type === 'HeadMoved' && event.data.voidedClaim === claim)
    return `is void: the branch moved to ${event.data.to}`;
  if (event.type === 'TaskCancelled') return `ended: ${event.data.by} cancelled the task`;
  if (!cites(event, claim)) return null;
  switch (event.type) {
    case 'AgentJobFinished':
      return 'is completed already';
    case 'AgentJobErrored':
      return 'has failed already';
    case 'ClaimReleased':
      return 'was given back';
    case 'TransitionReaped':
      return 'was taken away: no heartbeat came, or its bound was reached';
    default:
      return null;
  }
}

function cites(event: TaskEvent, token: ClaimToken): boolean {
  return 'claim' in event.data && event.data.claim === token;
}

async function readFrom(store: EventStore, task: TaskId, from: bigint): Promise<readonly TaskEvent[]> {
  const events: TaskEvent[] = [];
  for (let next = from; ; next += BigInt(PAGE)) {
    const page = await store.readStream(taskStream(task), { from: next, limit: PAGE });
    for (const stored of page) {
      const event = readTaskEvent(stored);
      if (event.type !== 'Unreadable') events.push(event);
    }
    if (page.length < PAGE) return events;
  }
}
