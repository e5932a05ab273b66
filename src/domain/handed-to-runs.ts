/** What an agent's brief says in variables. */
export const BRIEF_VARIABLES = [
  'STAGEGATE_ROLE',
  'STAGEGATE_TASK',
  'STAGEGATE_RUN_ID',
  'STAGEGATE_BRANCH',
  'STAGEGATE_HEAD',
  'STAGEGATE_MAIN',
  'STAGEGATE_BASE',
  'STAGEGATE_REASON',
  'STAGEGATE_ARTIFACT',
  'STAGEGATE_VERDICT_KEY',
  'STAGEGATE_VERDICT_VALUES',
] as const;

/** Where an agent finds its brief, and where it leaves what it has made. */
export const AGENT_PLACES = ['STAGEGATE_PROMPT_FILE', 'STAGEGATE_ARTIFACT_DIR', 'STAGEGATE_BRIEF_DIR'] as const;

/** What a deploy is told of what it deploys. */
export const DEPLOY_VARIABLES = ['STAGEGATE_COMMIT', 'STAGEGATE_DEPLOY_PROJECT', 'STAGEGATE_TASK'] as const;

/** What a poll is told of what it watches. */
export const MONITOR_VARIABLES = ['STAGEGATE_COMMIT', 'STAGEGATE_MONITOR_PROJECT', 'STAGEGATE_TASK'] as const;

/** A value for each of these variables, and for no other. */
export type Handed<Names extends readonly string[]> = Readonly<Record<Names[number], string>>;

/** Everything that the service hands to the commands it starts: a `stagegate` run by one of them must not stumble over it. */
export const HANDED_TO_RUNS: readonly string[] = [
  ...BRIEF_VARIABLES,
  ...AGENT_PLACES,
  ...DEPLOY_VARIABLES,
  ...MONITOR_VARIABLES,
];
