import {
  CLAIM_MARGIN_MS,
  jobKey,
  jobName,
  jobsOf,
  laneNeed,
  maxDurationMs,
  sameJob,
  type Job,
} from '../../../src/domain/task/job';
import { GIT_STEP_MS, RUNNER_SETTLE_MS } from '../../../src/domain/task/job-limits';
import { agents, POLICY } from '../../support/policies';
import { MONITOR } from '../../support/task-stories';

const SUITE_MS = 900_000 + 10_000 + RUNNER_SETTLE_MS;
const developer: Job = { kind: 'agent', role: 'developer' };

describe('a job', () => {
  test.each<[Job, number]>([
    [{ kind: 'staging-suite' }, 2 * GIT_STEP_MS + SUITE_MS],
    [{ kind: 'merge-gate' }, 2 * GIT_STEP_MS + 2 * (GIT_STEP_MS + SUITE_MS)],
    [{ kind: 'landing' }, 2 * GIT_STEP_MS],
    [{ kind: 'landing-recovery' }, 2 * GIT_STEP_MS],
    [developer, 2 * GIT_STEP_MS + 3_600_000 + 10_000 + RUNNER_SETTLE_MS],
  ])('takes at most the sum of its parts: %j', (job, durationMs) => {
    expect(maxDurationMs(job, { ...POLICY, ...agents('developer') })).toBe(durationMs);
    expect(CLAIM_MARGIN_MS).toBe(60_000);
  });

  test('with a set-up takes the time of two runs', () => {
    const { staging } = POLICY;
    const withSetup = { ...POLICY, staging: { ...staging, setup: 'npm ci' } };
    expect(maxDurationMs({ kind: 'staging-suite' }, withSetup)).toBe(2 * GIT_STEP_MS + 2 * SUITE_MS);
    expect(maxDurationMs({ kind: 'merge-gate' }, withSetup)).toBe(2 * GIT_STEP_MS + 2 * (GIT_STEP_MS + SUITE_MS));
  });

  test('of a monitor takes a clone and its command, or no more than a URL is waited for', () => {
    const { check, ...monitor } = { ...MONITOR, timeoutMs: 10_000 };
    const poll: Job = { kind: 'monitor-poll' };
    const byCommand = 3 * GIT_STEP_MS + 10_000 + 10_000 + RUNNER_SETTLE_MS;
    expect(maxDurationMs(poll, { ...POLICY, monitor: { ...monitor, check } })).toBe(byCommand);
    const byUrl = { ...monitor, check: { kind: 'url', url: 'https://a.example/' } } as const;
    expect(maxDurationMs(poll, { ...POLICY, monitor: byUrl })).toBe(10_000 + RUNNER_SETTLE_MS);
    expect(maxDurationMs(poll, POLICY)).toBe(0);
  });

  test('of an agent that is not configured takes no time of its own', () => {
    expect(maxDurationMs(developer, POLICY)).toBe(2 * GIT_STEP_MS);
  });

  test('holds the lane if it touches main, and a recovery only under a fresh grant', () => {
    expect(
      jobsOf({ ...POLICY, ...agents('developer', 'reviewer') }).map((job) => `${jobKey(job)} ${laneNeed(job)}`),
    ).toEqual([
      'staging-suite none',
      'testing-suite none',
      'merge-gate held',
      'revert-check held',
      'judge-run held',
      'security-scan held',
      'coverage-run held',
      'image-check held',
      'landing held',
      'landing-recovery fresh',
      'deploy held',
      'monitor-poll none',
      'agent:developer none',
      'agent:reviewer none',
    ]);
  });

  test('is the same job when its kind and, for an agent, its role are', () => {
    expect(sameJob(developer, { kind: 'agent', role: 'developer' })).toBe(true);
    expect(sameJob(developer, { kind: 'agent', role: 'reviewer' })).toBe(false);
    expect(sameJob({ kind: 'landing' }, { kind: 'landing-recovery' })).toBe(false);
    expect([jobName(developer), jobName({ kind: 'landing' })]).toEqual(['developer', 'landing']);
  });
});
