/** What becomes of a change that takes back what has landed; `off`: nobody looks. */
export const ON_SILENT_REVERT = ['return', 'hold', 'off'] as const;
export type OnSilentRevert = (typeof ON_SILENT_REVERT)[number];

/** Of main's newest commits; a branch is seldom older than that. */
export const DEFAULT_REVERT_WINDOW = 500;
export const MOST_REVERT_WINDOW = 5_000;
