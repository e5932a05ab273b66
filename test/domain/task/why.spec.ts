import { explain, explanationLine } from '../../../src/domain/task/why';
import { given, type Line } from '../../support/given-when-then';
import { agents, OTHER_TASK } from '../../support/policies';
import {
  after,
  cancel,
  claim,
  hold,
  infraFailed,
  interrupted,
  lane,
  MINUTE,
  policy,
  readyToLand,
  stagedGreen,
  submit,
  submittedForStaging,
  suiteRan,
} from '../../support/task-stories';

const staged = [submittedForStaging, claim('staging-suite')];
const busyLane = lane({ holder: { taskId: OTHER_TASK, epoch: '9' }, nextInLine: null });

const LINES: readonly (readonly [name: string, story: Line, line: string])[] = [
  [
    'ready',
    submittedForStaging,
    'ready since 2026-01-05T08:00:00.000Z: staging-suite can start; next to move: queue (the next worker with a free slot runs the staging suite)',
  ],
  [
    'ready for the merge gate',
    stagedGreen,
    'ready since 2026-01-05T08:00:00.000Z: merge-gate can start; next to move: queue (the next worker with a free slot rebases and re-tests the branch)',
  ],
  [
    'ready to land',
    readyToLand,
    'ready since 2026-01-05T08:00:00.000Z: landing can start; next to move: queue (the next worker with a free slot lands the branch)',
  ],
  [
    'interrupted',
    interrupted,
    'ready since 2026-01-05T08:00:00.000Z: landing-recovery can start; next to move: queue (the next worker with a free slot finds out whether the interrupted landing took place)',
  ],
  [
    'an agent can start',
    [policy(agents('analyst')), submit()],
    'ready since 2026-01-05T08:00:00.000Z: analyst can start; next to move: queue (the next worker with a free slot starts the analyst)',
  ],
  [
    'running',
    staged,
    'running since 2026-01-05T08:00:00.000Z, until 2026-01-05T08:30:00.000Z at the latest: staging-suite is running (claim 8, until 2026-01-05T08:30:00.000Z); next to move: runner (its result is recorded, or the claim is taken back when its time is up)',
  ],
  [
    'its time is up',
    [staged, after(30 * MINUTE)],
    'waiting since 2026-01-05T08:00:00.000Z: staging-suite is running (claim 8, until 2026-01-05T08:30:00.000Z); next to move: queue (any worker records it and the task goes on)',
  ],
  [
    'deferred',
    [staged, infraFailed()],
    'deferred since 2026-01-05T08:00:00.000Z, until 2026-01-05T08:00:22.500Z at the latest: staging-suite failed by timeout (timeout; load 48); next try at 2026-01-05T08:00:22.500Z; next to move: runner (it is tried again)',
  ],
  [
    'in the queue',
    [stagedGreen, busyLane],
    'waiting since 2026-01-05T08:00:00.000Z: the lane of web is held by web.WEB-2; next to move: queue (it goes on when the lane is free and it is its turn)',
  ],
  [
    'held',
    [stagedGreen, hold],
    'held since 2026-01-05T08:00:00.000Z: wait for the demo; next to move: person (a person looks into it and releases, retries or cancels the task)',
  ],
  [
    'sent back',
    [staged, suiteRan({ exitCode: 1 })],
    'blocked since 2026-01-05T08:00:00.000Z: no developer agent is configured: push a commit to feature/queue (sent back: red); next to move: person (a person does what is missing, or cancels the task)',
  ],
  [
    'finished',
    [stagedGreen, cancel],
    'finished since 2026-01-05T08:00:00.000Z: not needed (nothing: the task is at its end)',
  ],
];

describe('why a task stands where it stands', () => {
  test.each(LINES)('in one line: %s', (_name, story, line) => {
    expect(explanationLine(explain(given(story).next))).toBe(line);
  });

  test('a gate that waits for evidence is the outside world’s to serve', () => {
    const { log } = given(submittedForStaging).world;
    const explanation = explain(given(...log.slice(0, 1)).next);
    expect(explanation).toMatchObject({
      status: 'blocked',
      code: 'gate:intake',
      actor: 'outside',
      next: 'evidence arrives from outside',
    });
  });
});
