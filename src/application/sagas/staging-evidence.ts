import type { OutcomeCommand } from '../../domain/task/task.commands';
import type { ArtifactRef } from '../../domain/task/task.events';
import type { SubmittedTask } from '../../domain/task/task.state';
import type { ArtifactStore } from '../ports/artifact-store';
import { InfrastructureError } from '../ports/infrastructure-error';
import type { SagaContext } from './saga';

/**
 * Compares the artifacts that people read with the events that decided. The event counts; a file that says something else
 * was written by somebody else.
 *
 * @returns the outcome to end the job with; null when the evidence stands.
 */
export async function checkEvidence(artifacts: ArtifactStore, context: SagaContext): Promise<OutcomeCommand | null> {
  for (const artifact of artifactsOf(context.task)) {
    const found = await checkArtifact(artifacts, context, artifact);
    if (found) return found;
  }
  return null;
}

/** Of every verdict that a suite of the service made, of whoever stood in for the staging-runner, and of the re-test. */
function artifactsOf({ verdicts, merge }: SubmittedTask): readonly ArtifactRef[] {
  const { testing, 'deploy-staging': staging } = verdicts;
  const judged = [testing?.source === 'runner' ? testing : undefined, staging, merge ?? undefined];
  return judged.flatMap((evidence) => evidence?.artifact ?? []);
}

async function checkArtifact(
  artifacts: ArtifactStore,
  { task, claim }: SagaContext,
  artifact: ArtifactRef,
): Promise<OutcomeCommand | null> {
  const check = await artifacts.ensureNamed(task.id, artifact, task.artifacts[artifact.name]);
  switch (check.kind) {
    case 'same':
    case 'restored':
      return null;
    case 'different': {
      const found = { artifact: artifact.name, expected: artifact.digest, seen: check.seen };
      return { type: 'ReportForgery', data: { claim: claim.token, ...found } };
    }
    case 'lost':
      throw new InfrastructureError(
        'ARTIFACT_LOST',
        `${artifact.name} of ${task.id}: neither the file nor its content ${artifact.digest} exists`,
      );
  }
}
