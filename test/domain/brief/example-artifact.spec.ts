import { exampleArtifact } from '../../../src/domain/brief/example-artifact';
import { readVerdict } from '../../../src/domain/staging/front-matter';
import { AGENT_ROLES, doesCommit, rowOf } from '../../../src/domain/task/pipeline';
import { HEAD } from '../../support/task-stories';
import { stageOfRole } from './facts';

const REPORTING = AGENT_ROLES.filter((role) => !doesCommit(role));

it('every role but the developer has an example', () => {
  expect(REPORTING).toEqual(['analyst', 'architect', 'reviewer', 'tester', 'deployer']);
});

it.each(REPORTING)('the example of the %s is taken by the strict reader', (role) => {
  const stage = stageOfRole(role);
  const text = exampleArtifact(stage, { task: `${'w'.repeat(40)}.${'T'.repeat(64)}`, headOid: HEAD });
  const read = readVerdict(stage, 'agent', new TextEncoder().encode(text));
  // Handed in as it is, it lets nothing through where the stage has a no.
  const { fails, passes } = rowOf(stage).artifact ?? {};
  expect(read).toEqual({ kind: 'ok', status: fails ?? passes });
});
