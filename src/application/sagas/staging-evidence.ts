import type { OutcomeCommand } from '../../domain/task/task.commands';
import type { ArtifactStore } from '../ports/artifact-store';
import { InfrastructureError } from '../ports/infrastructure-error';
import type { SagaContext } from './saga';

/**
 * Compares the staging artifact that people read with the event that decided. The event counts; a file that says
 * something else was written by somebody else.
 *
 * @returns the outcome to end the job with; null when the evidence stands.
 */
export async function checkEvidence(
  artifacts: ArtifactStore,
  { task, claim }: SagaContext,
): Promise<OutcomeCommand | null> {
  const artifact = task.verdicts['deploy-staging']?.artifact;
  if (!artifact) return null;
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
