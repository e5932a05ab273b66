/** How far an incident is: nobody has seen it, somebody takes care of it, it is over. The first two are open. */
export type AlertState = 'raised' | 'acknowledged' | 'closed';
export const ALERT_STATES: readonly AlertState[] = ['raised', 'acknowledged', 'closed'];

/** Who ended it: a person, or whatever it was about. */
export type AlertEnd = 'person' | 'recovered';
