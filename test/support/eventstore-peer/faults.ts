import { status } from '@grpc/grpc-js';

/** What somebody has configured, or a disk and a network bring with them: for as long as the peer runs. */
export interface Settings {
  /** As a server of 24.10 and newer counts: data, metadata and two bytes for each letter of the type, of all events. */
  readonly maxAppendSize: number;
  /** How long an append takes until it is replicated, indexed and answered. */
  readonly replicationMs: number;
  /** After which an append that was dropped is answered as given up. */
  readonly commitTimeoutMs: number;
}

/** The server's own defaults, but for its 2 s until it gives up. */
export const DEFAULT_SETTINGS: Settings = { maxAppendSize: 1_048_576, replicationMs: 0, commitTimeoutMs: 0 };

/** How the peer misbehaves, on order. Numbers count down with each call they hit. */
export interface Faults {
  /** Appends that are neither stored nor answered. */
  muteAppends: number;
  /** Appends that are stored and never answered. */
  dropReplies: number;
  /** Appends that are stored at once and answered late. */
  lateReplies: number;
  lateMs: number;
  /** Appends refused with UNAVAILABLE. */
  unavailableAppends: number;
  /** Appends refused with an error that names no kind. */
  unknownAppends: number;
  /** Appends that are answered as given up: the first kind is stored all the same, the second is not. */
  abortedButStored: number;
  abortedUnstored: number;
  /** Appends refused with a code and words of one's choice; so are reads. */
  refusedAppends: number;
  refusedReads: number;
  refusal: Refusal;
  /** Appends refused because another node leads: the one at `leaderPort`. */
  notLeader: number;
  /** Reads and subscriptions refused for the same reason. */
  notLeaderReads: number;
  /** 0: this one, under its own address. */
  leaderPort: number;
  /** Appends to a stream that was tombstoned. */
  streamDeleted: number;
  /** Reads and subscriptions that never get an answer. */
  muteReads: number;
  /** Reads refused with UNAVAILABLE. */
  unavailableReads: number;
  /** Reads and subscriptions refused with an error that names no kind. */
  unknownReads: number;
  /** Every call is refused for want of rights. */
  isAccessDenied: boolean;
  /** As servers before 23.10: a subscription is not told that it has caught up. */
  isWithoutCaughtUp: boolean;
  /** The cluster as this node tells it; none: it is alone, and leads. */
  members: readonly Member[];
}

export interface Refusal {
  readonly code: status;
  readonly details: string;
  readonly trailers: Readonly<Record<string, string>>;
}

export interface Member {
  readonly port: number;
  readonly isLeader: boolean;
}

export const NO_FAULTS: Faults = {
  muteAppends: 0,
  dropReplies: 0,
  lateReplies: 0,
  lateMs: 0,
  unavailableAppends: 0,
  unknownAppends: 0,
  abortedButStored: 0,
  abortedUnstored: 0,
  refusedAppends: 0,
  refusedReads: 0,
  refusal: { code: status.UNKNOWN, details: '', trailers: {} },
  notLeader: 0,
  notLeaderReads: 0,
  leaderPort: 0,
  streamDeleted: 0,
  muteReads: 0,
  unavailableReads: 0,
  unknownReads: 0,
  isAccessDenied: false,
  isWithoutCaughtUp: false,
  members: [],
};

type Counter = { [K in keyof Faults]: Faults[K] extends number ? K : never }[keyof Faults];

/** Whether the fault hits this call. */
export function hits(faults: Faults, counter: Counter): boolean {
  if (faults[counter] <= 0) return false;
  faults[counter] -= 1;
  return true;
}

/** What the peer has seen. */
export interface PeerReport {
  appends: number;
  /** Of these, how many were dropped because the same one was not replicated yet. */
  dropped: number;
  subscriptions: number;
  reads: number;
  /** Distinct connections that calls came over. */
  connections: number;
  /** What callers said they are, as it came. */
  users: string[];
  /** What no client of this service may ever do. */
  violations: string[];
}
