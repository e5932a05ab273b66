import type { Schema } from './schema';

export const TASK_ID_PATTERN = '^[a-z0-9-]{1,40}\\.[A-Za-z0-9][A-Za-z0-9_-]{0,63}$';

interface Words {
  readonly description: string;
  readonly schema: Schema;
  readonly example: string;
}

const text = (description: string, example: string, more: Schema = {}): Words => ({
  description,
  schema: { type: 'string', ...more },
  example,
});

/** What the parameters of routes are, wherever they stand: a name means one thing. */
const PARAMETERS: Readonly<Record<string, Words>> = {
  id: text('A task, as `<project>.<task>`.', 'web.T1'),
  task: text('A task, as `<project>.<task>`.', 'web.T1'),
  token: text('Name of a token, or its id.', 'ci'),
  project: text('Key of a project.', 'web'),
  source: text('Who sends webhooks.', 'github', { enum: ['github', 'gitea', 'plane', 'generic'] }),
  name: text('A switch, by its name in the project file.', 'stagingRunner'),
  operation: text('What is to be done with the task.', 'hold', { enum: ['hold', 'release', 'retry', 'cancel'] }),
  runId: text('A run, as its task and its events name it.', '0195f3c2-7f5e-7000-8000-000000000000'),
  artifact: text('Name of an artifact, then its newest content, or its sha256.', '15-staging-log.md'),
  code: text('A code of the list.', 'already-held'),
  stage: text('Only tasks at this stage.', 'deploy-staging'),
  alert: text('Key of an alert.', 'web.T1@19'),
  state: text('How far alerts are, `open` or `all`.', 'open', {
    enum: ['open', 'all', 'raised', 'acknowledged', 'closed'],
  }),
  sink: text('Name of a sink.', 'pager'),
  outcome: text('What came of deliveries.', 'dead', { enum: ['delivered', 'retrying', 'dead'] }),
  role: text('A role of agents, or a stage that people answer for.', 'reviewer'),
  status: text('Only tasks of this status.', 'held'),
  cursor: text('`nextCursor` of the page before, with the same filters.', 'WyJ0YXNrcyJd'),
  limit: text('Most items of a page, 1 to 500.', '100', { pattern: '^[0-9]{1,3}$' }),
  from: text('A position of the log behind which to begin, `start` or `now`.', 'start'),
  type: text('Names of events, with commas between.', 'TaskLanded,TaskHeld'),
  at: text('As of a position of the log, or of an instant of RFC 3339.', '2026-11-24T22:46:31.942Z'),
};

/** @throws where nobody has said what a parameter means. */
export function parameter(where: 'path' | 'query', name: string): Schema {
  const words = PARAMETERS[name];
  if (!words) throw new Error(`test/docs/openapi/parameters.ts: expected words for ${name}, saw none; add them`);
  return { name, in: where, required: where === 'path', ...words };
}
