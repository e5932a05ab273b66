import { explain } from '../../../../src/domain/task/words/why';
import { MOST_DEPENDENCIES } from '../../../../src/domain/task/dependencies';
import { given, happened, type Move } from '../../../support/given-when-then';
import {
  cancel,
  claim,
  hold,
  override,
  release,
  submit,
  submittedForStaging,
  suiteRan,
} from '../../../support/task-stories';
import { TASK } from '../../../support/policies';

const A = 'web.A';
const B = 'api.B';
const waiting = submit({ startStage: 'deploy-staging', dependsOn: [A, B] });
const ended = (taskId: string, end: 'landed' | 'cancelled' | 'rejected' = 'landed'): Move => ({
  move: () => ({ type: 'EndDependency', data: { taskId, end } }),
});

describe('a task that depends on others', () => {
  test('waits at deploy-staging until all of them have landed, and says for which', () => {
    const story = given(waiting).thenNext('wait', 'dependency');
    expect(story.next).toMatchObject({ on: [A, B], until: null });
    expect(explain(story.next)).toMatchObject({
      status: 'waiting',
      blockedBy: A,
      text: `${A} and 1 more has to land first: stagegate why ${A}`,
      next: 'it goes on when that task has landed',
    });
    const half = story.when(ended(A)).then(happened('DependencyEnded', { taskId: A, end: 'landed' }));
    expect(half.thenNext('wait', 'dependency').next).toMatchObject({ on: [B] });
    half.when(ended(B)).accepted().thenNext('run', 'staging-suite');
  });

  test('can be claimed by nobody meanwhile', () => {
    given(waiting)
      .when(claim('staging-suite'))
      .thenRejected('not-the-next-step', /has to land first/);
    given(waiting, override('check_staging_status')).thenNext('wait', 'dependency');
  });

  test('goes through the stages before it as any other', () => {
    given(submit({ startStage: 'development', dependsOn: [A] })).thenNext('await', 'no-agent:developer');
  });

  test.each(['cancelled', 'rejected'] as const)('is held when one of them was %s, and goes on when released', (end) => {
    const held = given(waiting, ended(A))
      .when(ended(B, end))
      .then(
        happened('DependencyEnded', { end }),
        happened('TaskHeld', { reason: 'dependency', detail: `${B}, which has to land first, was ${end}` }),
        'AlertRaised',
      );
    expect(explain(held.next).do).toMatch(
      /makes sense without that task; released, it goes on, then stagegate release/,
    );
    held
      .when(override('check_staging_status'))
      .accepted()
      .thenTask({ hold: { reason: 'dependency' } });
    held.when(release).accepted().thenNext('run', 'staging-suite');
  });

  test('takes note of each end once, and of none while a person holds it', () => {
    given(waiting, ended(A)).when(ended(A)).thenNothing();
    given(waiting).when(ended('web.C')).thenNothing();
    given(waiting, hold).when(ended(A)).thenNothing();
    given(waiting, hold, release).when(ended(A)).then('DependencyEnded');
  });

  test('can be cancelled, and then waits for nothing', () => {
    given(waiting, cancel).thenNext('finished', 'cancelled').when(ended(A)).thenRejected('task-is-final');
  });

  test('is asked for once more without harm, and for other tasks it is another one', () => {
    given()
      .when(submit({ dependsOn: [A, B] }))
      .again()
      .thenNothing();
    given(submit({ dependsOn: [A, B] }))
      .when(submit({ dependsOn: [B, A] }))
      .thenNothing();
    given(submit({ dependsOn: [A, B] }))
      .when(submit({ dependsOn: [A] }))
      .thenRejected('already-submitted');
    given(submit({ dependsOn: [A] }))
      .when(submit())
      .thenRejected('already-submitted');
  });

  const many = Array.from({ length: MOST_DEPENDENCIES + 1 }, (_, index) => `web.D${index}`);
  test.each([
    [[TASK], /saw the task itself/],
    [[A, A], /each once, saw web\.A, web\.A/],
    [['A'], /expected at most 20 tasks as <project>\.<task>/],
    [many, /at most 20 tasks/],
  ])('that depends on %j is refused in a line', (dependsOn, line) => {
    given().when(submit({ dependsOn })).thenRejected('invalid-dependency', line);
  });
});

test('a task that depends on nothing says nothing of it', () => {
  const { world } = given(submittedForStaging, claim('staging-suite'), suiteRan());
  expect(world.log[0]?.data).not.toHaveProperty('dependsOn');
});
