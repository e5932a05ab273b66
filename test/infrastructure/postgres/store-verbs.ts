/** Every command that opens the log or its read models, but for `up`. Import reads `log.jsonl` in the folder it runs in. */
export const STORE_VERBS: readonly (readonly string[])[] = [
  ['migrate'],
  ['doctor'],
  ['queue'],
  ['show', 'web.T1'],
  ['why', 'web.T1'],
  ['artifacts', 'web.T1'],
  ['runs'],
  ['submit', 'feature', '--project', 'web'],
  ['hold', 'web.T1'],
  ['release', 'web.T1'],
  ['retry', 'web.T1'],
  ['cancel', 'web.T1'],
  ['rebuild'],
  ['audit', 'export'],
  ['audit', 'import', '--in', 'log.jsonl'],
];
