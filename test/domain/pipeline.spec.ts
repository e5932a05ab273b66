import { EXIT_GATES } from '../../src/domain/gates/exit-gates';
import {
  comesAfter,
  isFinal,
  nextStage,
  RESERVED_PRODUCERS,
  rowOf,
  STAGE_TRANSITIONS,
  STAGES,
  stagesBetween,
} from '../../src/domain/task/pipeline';
import { keysOf } from '../../src/domain/staging/front-matter';

describe('the pipeline', () => {
  test('is this table and no other', () => {
    const table = STAGE_TRANSITIONS.map(({ stage, producer, fallback, commits, artifact, gates, onGateFailed }) => {
      const values = artifact && [artifact.passes, ...(artifact.fails === null ? [] : [artifact.fails])].join('|');
      const says = artifact ? `${artifact.file} ${artifact.verdictKey}=${values}` : commits ? 'commits' : '-';
      const back = 'budget' in onGateFailed ? `${onGateFailed.to}:${onGateFailed.budget}` : onGateFailed.to;
      return `${stage} | ${producer ?? '-'}${fallback ? `, ${fallback}` : ''} | ${says} | ${gates.join(' ')} | ${back}`;
    });
    expect(table).toEqual([
      'created | - | - | intake | rejected',
      'analysis | analyst | 01-analysis.md analysis_status=READY | check_analysis_ready | same-stage:agent',
      'architecture | architect | 02-architecture.md architecture_status=READY | check_architecture_ready | same-stage:agent',
      'development | developer | commits | check_ci_green | same-stage:developer',
      'review | reviewer | 12-review.md review_status=APPROVED|REQUEST_CHANGES | check_review_approved | development',
      'testing | test-runner, tester | 13-test-report.md test_status=PASSED|FAILED | check_tests_passed | development',
      'deploy-staging | staging-runner, deployer | 15-staging-log.md staging_status=SUCCESS|FAILED | ' +
        'check_staging_status check_branch_mergeable check_no_silent_revert check_tests_not_weakened check_security ' +
        'check_coverage check_image_fresh | development',
      'deploy | deploy-finalizer | 16-deploy-log.md deploy_status=SUCCESS|FAILED | check_deploy_status | hold',
      'monitoring | post-deploy-monitor | 17-monitor-log.md monitor_status=HEALTHY|DEGRADED | check_monitor_healthy | hold',
    ]);
  });

  test('has one row per stage but done, in the order of the stages', () => {
    expect([...STAGE_TRANSITIONS.map(({ stage }) => stage), 'done']).toEqual(STAGES);
    for (const row of STAGE_TRANSITIONS) expect(rowOf(row.stage)).toBe(row);
  });

  test('cannot be changed by anybody who holds it', () => {
    const staging = rowOf('deploy-staging');
    expect(() => Object.assign(staging, { gates: [] })).toThrow(TypeError);
    expect(() => (staging.gates as string[]).pop()).toThrow(TypeError);
    expect(() => Object.assign(staging.artifact ?? {}, { passes: 'FAILED' })).toThrow(TypeError);
  });

  test('names every gate once, and each gate answers to its own name', () => {
    const named = STAGE_TRANSITIONS.flatMap(({ gates }) => gates);
    expect([...named].sort()).toEqual(Object.keys(EXIT_GATES).sort());
    expect(new Set(named).size).toBe(named.length);
    for (const [name, gate] of Object.entries(EXIT_GATES)) expect(gate.name).toBe(name);
    for (const name of named) expect(name).toMatch(/^(?:intake|check_[a-z_]+)$/);
  });

  test('gives the reserved producers to the deterministic stages only', () => {
    const reserved = STAGE_TRANSITIONS.filter(({ producer }) =>
      (RESERVED_PRODUCERS as readonly unknown[]).includes(producer),
    );
    expect(reserved.map(({ stage }) => stage)).toEqual(['testing', 'deploy-staging', 'deploy', 'monitoring']);
  });

  test('puts the verdict key of a stage first among the keys of its artifact', () => {
    for (const { stage, artifact } of STAGE_TRANSITIONS) {
      if (artifact)
        expect(keysOf(stage, 'runner')[0]).toEqual({ name: artifact.verdictKey, type: 'text', required: true });
      else expect(() => keysOf(stage, 'agent')).toThrow(/no artifact/);
    }
  });

  test('leads from each stage to the next and ends in done', () => {
    expect(nextStage('created')).toBe('analysis');
    expect(nextStage('deploy-staging')).toBe('deploy');
    expect(nextStage('monitoring')).toBe('done');
    expect(stagesBetween('development', 'deploy-staging')).toEqual(['review', 'testing']);
    expect(stagesBetween('development', 'review')).toEqual([]);
    expect(comesAfter('review', 'development')).toBe(true);
    expect(comesAfter('development', 'development')).toBe(false);
    expect([...STAGES, 'cancelled', 'rejected'].filter((stage) => isFinal(stage as 'done'))).toEqual([
      'done',
      'cancelled',
      'rejected',
    ]);
  });
});
