import type { ConductorOptions } from '../application/conductor/conductor';
import { forEveryJob } from '../domain/task/job-table';

/** Repairs whatever an event, a timer or a hook missed. */
export const RECONCILE_MS = 30_000;
export const HEAD_POLL_MS = 5_000;
/** Longest time that a claim of an outside worker lasts, however often it is extended. */
export const OUTSIDE_BOUND_MS = 24 * 60 * 60_000;
const HEAD_POLL_ONE_SHOT_MS = 1_000;

type OneShot = Omit<ConductorOptions, 'conducts' | 'observe'>;

/** A one-shot process moves its own task only, so it needs no more than one slot of each kind. */
export const LAND_SETTINGS = {
  agentEnvironment: [] as readonly string[],
  conductor: {
    slots: forEveryJob(() => 1),
    reconcileMs: RECONCILE_MS,
    headPollMs: HEAD_POLL_ONE_SHOT_MS,
    // Every `land` has the policy of its own command line; the log records each.
    requirePolicyInForce: false,
    // Somebody waits for the end, whatever it is, and the repository was looked at before anything began.
    setsAside: false,
  } satisfies OneShot,
} as const;
