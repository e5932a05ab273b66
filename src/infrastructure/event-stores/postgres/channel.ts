/** Channel on which the position of the newest event is told, once for each commit. */
export const CHANNEL = 'stagegate_events';
