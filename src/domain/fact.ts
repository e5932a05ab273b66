import type { Instant } from './instant';

/** One kind of event: its name and what it says. */
export type Fact<Type extends string, Data> = Readonly<{ type: Type; data: Readonly<Data> }>;

/** Position of an event in its stream, from 0. */
export type Revision = bigint;
/** What an append demands of its stream. There is no "any": it would defeat the fence, the chain and idempotency. */
export type ExpectedRevision = 'no-stream' | Revision;

/** Who said or did it: a person, an agent, or a part of the service. */
export type Actor = string;

/** What every stored event carries beside its own data. */
export interface Envelope {
  readonly id: string;
  readonly stream: string;
  readonly revision: Revision;
  readonly type: string;
  readonly version: number;
  /** When it happened, by the clock of the process that appended it. */
  readonly occurredAt: Instant;
  /** When the store accepted it. */
  readonly recordedAt: Instant;
  readonly actor: Actor;
  readonly worker: string;
  readonly correlationId: string;
  readonly causationId: string;
  /** Digest of the project policy that was in force; null where no policy matters. */
  readonly policyDigest: string | null;
  /** Hash over the previous envelope of the stream and this one (docs/adr/0009). */
  readonly chain: string;
}

/** Ends every `switch` over a union: a new member breaks the build here, not production. */
export function unreachable(value: never): never {
  throw new Error(`unreachable: ${JSON.stringify(value)}`);
}
