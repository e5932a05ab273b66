import type { Revision } from '../domain/fact';
import type { Digest } from '../domain/ids';

/** What may be asked of tasks, and the answer, the same at every door. */
export interface SubmitRequest {
  readonly project: string;
  readonly id?: string | undefined;
  readonly title?: string | undefined;
  readonly description?: string | undefined;
  readonly branch: string;
  readonly startStage?: string | undefined;
  readonly priority?: number | undefined;
  /** Tasks that have to land first, as <project>.<task>. */
  readonly dependsOn?: readonly string[] | undefined;
}

export const OPERATIONS = ['hold', 'release', 'retry', 'cancel'] as const;
export type Operation = (typeof OPERATIONS)[number];

/** Lets a whole gate pass on record, whatever it says. */
export interface OverrideRequest {
  readonly gate: string;
  readonly reason: string;
  /** As RFC 3339 has it; left out: the usual time. */
  readonly expiresAt?: string | undefined;
}

/** The same for some of the paths that a gate judges, and so for what it finds there alone. */
export interface WaiverRequest extends OverrideRequest {
  /** Files and folders; left out: those that the gate has named. Where it does not judge by paths, there is only the whole of it. */
  readonly paths?: readonly string[] | undefined;
}

/** How a check of a commit went, as CI or a person says. */
export interface EvidenceRequest {
  readonly gate: string;
  readonly name: string;
  readonly result: string;
  /** Left out: the commit that gates judge, whichever that is. */
  readonly headOid?: string | undefined;
  readonly url?: string | undefined;
  readonly files?: readonly EvidenceFile[] | undefined;
}

export interface EvidenceFile {
  readonly name: string;
  readonly text: string;
}

/** On which conditions something is asked for; without any, of the task as it is, and as often as it is asked. */
export interface Conditions {
  /** Of the task as who asks has seen it: what is asked about another one is refused. */
  readonly expected?: Revision;
  readonly keyed?: KeyedRequest;
}

/** A request that may be sent again under its key: it is done once, and answered in the same way. */
export interface KeyedRequest {
  /** Made from the key, from where the request was sent, and from who has sent it: event ids are made from it. */
  readonly commandId: string;
  /** Of what was asked for: the same key for something else is a mistake. */
  readonly digest: Digest;
  /** Told when it was done before. */
  readonly onRepeated: () => void;
}

export interface Accepted {
  readonly id: string;
  readonly stage: string;
  readonly revision: string;
  /** Accepted, and answered when git has said how the landing under way ended. */
  readonly isQueued: boolean;
}
