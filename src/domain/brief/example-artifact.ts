import type { Oid, TaskId } from '../ids';
import { keysOf, writeFrontMatter } from '../staging/front-matter';
import { rowOf, type WorkStage } from '../task/pipeline';

/**
 * An artifact of the stage as its strict reader takes it. Its verdict is the one that lets nothing through, where the stage has
 * one: whoever hands in the example has not approved anything.
 */
export function exampleArtifact(stage: WorkStage, { task, headOid }: { task: TaskId; headOid: Oid }): string {
  const { artifact } = rowOf(stage);
  if (!artifact) throw new Error(`stage ${stage} has no artifact`);
  const front = writeFrontMatter(keysOf(stage, 'agent'), {
    [artifact.verdictKey]: artifact.fails ?? artifact.passes,
    task,
    subject_oid: headOid,
    summary: 'One line for people.',
  });
  return `${front}\n# What was found\n\nText for people. Output that is quoted has an indent:\n\n    1 of 12 tests failed\n`;
}
