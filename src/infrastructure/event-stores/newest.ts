/**
 * Newest events that are looked at for the latest time in a log: a clock that was set back is seen in what was written before
 * that, as long as not too much has come since.
 */
export const NEWEST = 1_000;
