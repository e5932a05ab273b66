import { renderBrief } from '../../../../src/domain/brief/render-brief';
import { explain } from '../../../../src/domain/task/words/why';
import { given, happened, nextOf, type Line, type Move } from '../../../support/given-when-then';
import { BASE, CANDIDATE, claim, MERGED_TREE, rebasedOnto, stagedGreen } from '../../../support/task-stories';
import { factsAfter } from '../../brief/facts';

const MARKER = { task: 'web.WEB-7', file: 'src/price.ts', text: 'const tax' };
const lost = (newOid = CANDIDATE): Move => ({
  move: (task) => ({
    type: 'ReportMarkersLost',
    data: {
      claim: task.kind === 'submitted' ? (task.claim?.token ?? '') : '',
      newOid,
      baseOid: BASE,
      treeOid: MERGED_TREE,
      markers: [MARKER],
    },
  }),
});
const atTheGate: Line = [stagedGreen, claim('merge-gate'), rebasedOnto()];

test('a candidate that lost what main has to keep is red, without a test, for one developer retry', () => {
  given(atTheGate)
    .when(lost())
    .then(
      happened('MarkersLost', { markers: [MARKER] }),
      happened('GateEvaluated', { gate: 'check_branch_mergeable', result: 'fail', reason: 'red' }),
      happened('StageRolledBack', { reason: 'red', spends: { budget: 'developer', key: 'task' } }),
    )
    .thenTask({ stage: 'development', claim: null, merge: null, sentBack: { failure: { reason: 'marker-lost' } } });
});

test('the marker is named to a person and to the developer', () => {
  const said = 'src/price.ts has lost "const tax", of web.WEB-7';
  const { text } = explain(nextOf(given(atTheGate, lost()).world));
  expect(text).toBe(`merge-gate: the change would take out what main has to keep (red): ${said}`);
  const { prompt } = renderBrief(factsAfter('developer', [atTheGate, lost()]));
  expect(prompt).toContain(`- seen: \`${said}\``);
  expect(prompt).not.toMatch(/retest-log|re-test/);
});

test('it is believed of the candidate that was recorded, and of its owner', () => {
  given(atTheGate)
    .when(lost('f'.repeat(40)))
    .thenRejected('other-candidate');
  given(stagedGreen, claim('merge-gate')).when(lost()).thenRejected('other-candidate');
});
