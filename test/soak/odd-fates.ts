/** How a task of the odd project has to come to a person: by this event, and for this reason where there are several. */
export interface OddEnd {
  readonly type: 'StageRolledBack' | 'TaskHeld';
  readonly reason?: string;
}

const SENT_BACK: OddEnd = { type: 'StageRolledBack' };
const GIVEN_UP: OddEnd = { type: 'TaskHeld', reason: 'agent-retries-exhausted' };

/**
 * What `odd-program.cjs` does as the suite or the agent of a branch, and how that has to end. Nothing of it ever lands, so
 * a branch finds no other task's file.
 */
export const ODD_ENDS = {
  bytes: SENT_BACK,
  'long-line': SENT_BACK,
  flood: SENT_BACK,
  'retest-bytes': SENT_BACK,
  stubborn: { type: 'TaskHeld', reason: 'infra-exhausted' },
  daemon: SENT_BACK,
  'own-config': SENT_BACK,
  'agent-number': GIVEN_UP,
  'agent-deep': GIVEN_UP,
  'agent-bytes': GIVEN_UP,
  'wide-conflict': SENT_BACK,
} as const satisfies Record<string, OddEnd>;

export type OddFate = keyof typeof ODD_ENDS;
export const ODD_FATES = Object.keys(ODD_ENDS) as readonly OddFate[];

export function oddEnd(fate: OddFate): OddEnd {
  return ODD_ENDS[fate];
}

/** Entered at `analysis`, where an agent answers; everything else at `deploy-staging`. */
export function isAgents(fate: OddFate): boolean {
  return fate.startsWith('agent-');
}
