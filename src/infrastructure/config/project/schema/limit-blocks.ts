import { ENDS_KEPT } from '../../../../domain/lane/breaker';
import { object, ref, retries, type Schema } from './schema-parts';

export const BUDGETS: Schema = object(
  {
    developer: retries(3, 'Returns to development.'),
    agent: retries(2, 'Repeats of an agent without a valid verdict, per stage.'),
    infra: retries(3, 'Repeats after infrastructure failures, per job.'),
    crash: retries(10, 'Restarts after a crash of the service, per stage.'),
    landing: retries(5, 'Landings lost to somebody who was faster.'),
    flake: retries(
      2,
      'Repeats of a suite that was red and green on one tree, per job, where `onInconclusive` is `retry`.',
    ),
  },
  'Retries, not runs: 3 allows four runs.',
);

export const BACKOFF: Schema = object(
  {
    base: ref('duration', 'Pause before the first retry, doubled each time.', '30s'),
    max: ref('duration', 'Longest pause.', '10m'),
  },
  'Pauses between retries after infrastructure failures.',
);

export const BREAKER: Schema = object(
  {
    window: ref('duration', 'Stays in the lane that ended within this time are looked at.', '1h'),
    minRuns: {
      type: 'integer',
      minimum: 1,
      maximum: ENDS_KEPT,
      default: 5,
      description: 'With fewer of them the lane goes on.',
    },
    rate: ref('share', 'The share of them that failed by infrastructure, from which on the lane pauses.', 0.8),
    unmovedAfter: ref(
      'duration',
      'Or the time in the lane that such failures took in a row, with no landing and no verdict between them.',
      '3h',
    ),
    cooldown: ref(
      'duration',
      'Before one task tries again; doubled each time that fails, eight times this at most.',
      '10m',
    ),
  },
  'When the lane pauses because the machine fails its runs; `laneBreaker` switches it off.',
);
