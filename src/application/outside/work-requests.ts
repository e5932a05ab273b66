import type { Brief } from '../../domain/brief/brief';
import type { JsonObject } from '../../domain/json';
import type { AgentRole, Stage } from '../../domain/task/pipeline';

/** What somebody outside asks to do: one task's work, or the next of a role. */
export interface TakeRequest {
  readonly task?: string | undefined;
  readonly project?: string | undefined;
  readonly role?: string | undefined;
}

/** Whoever cites a claim from outside has to know the secret that came with it. */
export interface ClaimCited {
  readonly claim: string;
  readonly secret: string;
}

export interface CompleteRequest extends ClaimCited {
  /** The stage's artifact, whole; left out by a role that answers with commits. */
  readonly artifact?: string | undefined;
  /** What the worker says it has used; feeds statistics and decides nothing. */
  readonly usage?: JsonObject | undefined;
}

export interface EndRequest extends ClaimCited {
  readonly reason: string;
}

/** Work that has been taken: everything its worker needs to know. */
export interface Taken {
  readonly task: string;
  readonly project: string;
  readonly title: string;
  readonly stage: Stage;
  readonly role: AgentRole;
  /** Fencing token: all that the worker does cites it. */
  readonly claim: string;
  /** Told once, kept nowhere. */
  readonly secret: string;
  readonly runId: string;
  /** Without a heartbeat until then the claim is taken away. */
  readonly deadlineAt: string;
  /** No heartbeat extends it beyond this. */
  readonly endsAt: string;
  /** Where the branch is, as the service reaches it. */
  readonly repository: string;
  readonly branch: string;
  readonly main: string;
  readonly headOid: string;
  readonly baseOid: string;
  /** The file that the role answers with; null for commits on the branch. */
  readonly artifact: { readonly file: string; readonly key: string; readonly values: readonly string[] } | null;
  /** What the worker is told; two folders of its machine are still open in it. */
  readonly brief: Brief;
}

export interface Extended {
  readonly task: string;
  readonly claim: string;
  readonly deadlineAt: string;
  readonly endsAt: string;
}

/** How the work of a claim ended. Asked again, it is answered the same. */
export interface Handed {
  readonly task: string;
  readonly claim: string;
  readonly outcome: 'completed' | 'failed' | 'released';
  /** The verdict that was recorded, or the head that counts as the work; else null. */
  readonly verdict: string | null;
  readonly headOid: string | null;
  /** Why it failed or was given back. */
  readonly reason: string | null;
}
