import { REPORT_REASONS } from '../../src/application/ports/report-reader';
import { textOf } from './pages';
import { unionOf } from './typescript-shapes';

it('every reason for which a run does not count has words and a cure of its own', () => {
  const words = textOf('src/domain/task/words/failure-words.ts');
  const reasons = [
    ...unionOf('src/application/ports/process-runner.ts', 'ToolErrorReason'),
    'setup_failed',
    ...REPORT_REASONS,
    'deadline',
  ];
  expect(reasons.filter((reason) => !words.includes(`  ${reason}: {`))).toEqual([]);
});
