import { revertFacts, revertLine } from '../../domain/gates/revert/revert-evidence';
import { renderReverts } from '../../domain/gates/revert/revert-page';
import { askedOfReverts, revertPolicyOf } from '../../domain/gates/revert/revert-policy';
import type { ArtifactStore } from '../ports/artifact-store';
import type { GitWorkspace } from '../ports/git-workspace';
import { candidateFor } from './reports/candidate';
import { SEEN_LINES } from './reports/measure';
import { headOf } from './subject';
import { givenBack, type Saga, type SagaContext, type SagaOutcome } from './saga';

export interface RevertCheckDeps {
  readonly git: GitWorkspace;
  readonly artifacts: ArtifactStore;
}

/** Asks git what the candidate takes back of what main has. No clone, and no command of anybody. */
export class RevertCheckSaga implements Saga {
  constructor(private readonly deps: RevertCheckDeps) {}

  async run(context: SagaContext): Promise<SagaOutcome> {
    const { claim, project, task } = context;
    const { on, window } = revertPolicyOf(project.policy);
    if (on === 'off') return givenBack(context, 'its gate is not configured any more');
    const subject = await candidateFor(this.deps.git, context);
    if ('outcome' in subject) return subject.outcome;
    const { newOid, baseOid } = subject;
    const question = {
      mainName: project.repository.main,
      base: baseOid,
      candidate: newOid,
      head: headOf(task),
      window,
    };
    const answer = await this.deps.git.silentReverts(project.repository, question);
    const isFound = answer.silent.length > 0;
    const page = isFound ? renderReverts({ task: task.id, newOid, baseOid }, answer) : null;
    const evidence = {
      ...revertFacts(answer),
      asked: askedOfReverts(project.policy),
      base: baseOid,
      ...(page === null ? {} : { output: await this.deps.artifacts.put(page) }),
      ...(isFound ? { seen: answer.silent.slice(0, SEEN_LINES).map((one) => revertLine(one, answer)) } : {}),
    };
    return { type: 'ReportEvidence', data: { claim: claim.token, subjectOid: newOid, evidence, run: null } };
  }
}
