import type { StepName, HappeningName } from '../../application/ports/telemetry';

/**
 * Where a figure comes from. `log`: the same on every replica, and what is counted is counted since the beginning of the log. `process`: of
 * this process alone, and counted since its start.
 */
export type Source = 'log' | 'process';

export interface MetricRow {
  readonly name: string;
  readonly type: 'gauge' | 'counter' | 'histogram';
  readonly help: string;
  readonly labels: readonly string[];
  readonly source: Source;
  /** Upper bounds of a histogram, in seconds. */
  readonly buckets?: readonly number[];
}

/** From a memory access to a store that hangs. */
const QUICK = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30];
/** From a merge that git does at once to a suite of hours. */
const LONG = [0.1, 0.5, 1, 5, 15, 30, 60, 120, 300, 600, 1_200, 1_800, 3_600, 7_200, 14_400];

/** Every metric of ours. What is registered, and docs/metrics.md, are made from this table. */
export const METRICS = {
  build: gauge('build_info', 'Always 1; of this program.', ['version', 'store'], 'process'),
  ready: gauge('ready', '1 while this service is ready, else 0.', [], 'process'),
  readModels: gauge(
    'read_models_up',
    '1 when what comes from the log could be read for this answer; else 0, and it is left out.',
    [],
    'process',
  ),
  tasks: gauge('tasks', 'Tasks by stage; ended ones too.', ['project', 'stage'], 'log'),
  reasons: gauge(
    'task_reasons',
    'Open tasks by why they stand where they stand, as `why` says it, when this process last looked at each.',
    ['project', 'reason'],
    'process',
  ),
  oldest: gauge(
    'task_oldest_age_seconds',
    'How long the open task that came to its stage first has been there.',
    ['project', 'stage'],
    'process',
  ),
  claims: gauge('claims', 'Jobs that are claimed now.', ['project', 'job'], 'log'),
  runs: counter('runs_total', 'Claimed jobs that have ended, by how.', ['project', 'job', 'outcome'], 'log'),
  mechanisms: counter(
    'mechanism_events_total',
    'What mechanisms have done: the counters of `/queue`.',
    ['project', 'mechanism', 'event'],
    'log',
  ),
  gates: counter('gate_results_total', 'Answers of gates.', ['project', 'gate', 'result'], 'log'),
  retries: counter('retries_total', 'Retries that were spent, by budget.', ['project', 'budget'], 'log'),
  holds: counter('holds_total', 'Tasks that were held, by reason.', ['project', 'reason'], 'log'),
  alerts: gauge('alerts_open', 'Alerts that are not closed.', ['project', 'state', 'severity'], 'log'),
  lanePaused: gauge('lane_paused', '1 while a breaker has paused the lane of the project, else 0.', ['project'], 'log'),
  laneHeld: gauge('lane_held', '1 while a task holds the lane of the project, else 0.', ['project'], 'log'),
  setAside: gauge('project_set_aside', '1 while nothing is done for the project here, else 0.', ['project'], 'process'),
  damaged: gauge('damaged_streams', 'Streams that this process has found it cannot rely on.', [], 'process'),
  projectionLag: gauge(
    'projection_lag_seconds',
    'Age of the oldest event that a read model does not reflect yet.',
    ['projection'],
    'log',
  ),
  projectionBehind: gauge(
    'projection_lag_events',
    'Events that a read model does not reflect yet; 500 stands for that many or more.',
    ['projection'],
    'log',
  ),
  subscriberLag: gauge(
    'subscriber_lag_seconds',
    'Age of the oldest event that a subscriber has still to do something about.',
    ['subscriber'],
    'log',
  ),
  subscriberBehind: gauge(
    'subscriber_lag_events',
    'Events that a subscriber has still to do something about, at least.',
    ['subscriber'],
    'log',
  ),
  subscriberFailing: gauge(
    'subscriber_failing',
    '1 while a subscriber does not get on, else 0.',
    ['subscriber'],
    'log',
  ),
  requests: counter('http_requests_total', 'Requests that were answered.', ['method', 'route', 'status'], 'process'),
  requestSeconds: histogram(
    'http_request_duration_seconds',
    'How long an answer took; event streams are left out.',
    ['method', 'route'],
    QUICK,
  ),
  appendSeconds: histogram(
    'store_append_duration_seconds',
    'How long an append to the log took, by kind of stream and by how it ended.',
    ['stream', 'outcome'],
    QUICK,
  ),
  jobSeconds: histogram(
    'job_duration_seconds',
    'From the claim of a job to its recorded result.',
    ['job', 'outcome'],
    LONG,
  ),
  runSeconds: histogram(
    'run_duration_seconds',
    'How long a command that was run took, by how it ended.',
    ['outcome'],
    LONG,
  ),
  deliverySeconds: histogram(
    'alert_delivery_duration_seconds',
    'How long it took to hand an alert over, by how that ended.',
    ['sink', 'outcome'],
    QUICK,
  ),
  hooks: counter(
    'hook_deliveries_total',
    'Webhooks that came, by what became of them.',
    ['source', 'outcome'],
    'process',
  ),
  streams: gauge('event_streams', 'Readers that follow the log over HTTP.', [], 'process'),
  streamsEnded: counter('event_streams_ended_total', 'Event streams that ended, by why.', ['reason'], 'process'),
  streamsRefused: counter('event_streams_refused_total', 'Event streams that were refused: too many.', [], 'process'),
} as const satisfies Readonly<Record<string, MetricRow>>;

export type MetricKey = keyof typeof METRICS;

/** Where the time of a step is counted; a landing is a job already. */
export const STEP_METRICS: Readonly<Record<StepName, MetricKey | null>> = {
  request: 'requestSeconds',
  append: 'appendSeconds',
  job: 'jobSeconds',
  run: 'runSeconds',
  landing: null,
  delivery: 'deliverySeconds',
};

/** Where a happening is counted; the answers of gates are counted from the log. */
export const HAPPENING_METRICS: Readonly<Record<HappeningName, MetricKey | null>> = {
  gate: null,
  hook: 'hooks',
  'stream-ended': 'streamsEnded',
  'stream-refused': 'streamsRefused',
};

function gauge(name: string, help: string, labels: readonly string[], source: Source): MetricRow {
  return { name: `stagegate_${name}`, type: 'gauge', help, labels, source };
}

function counter(name: string, help: string, labels: readonly string[], source: Source): MetricRow {
  return { name: `stagegate_${name}`, type: 'counter', help, labels, source };
}

function histogram(name: string, help: string, labels: readonly string[], buckets: readonly number[]): MetricRow {
  return { name: `stagegate_${name}`, type: 'histogram', help, labels, source: 'process', buckets };
}
