import type { Oid } from '../ids';
import type { AgentRole, WorkStage } from '../task/pipeline';
import type { SubmittedTask } from '../task/task.state';
import type { BriefFile } from './brief';

/** What a brief is made from; all of it is known before anything is started. */
export interface BriefFacts {
  readonly task: SubmittedTask;
  readonly role: AgentRole;
  readonly stage: WorkStage;
  readonly runId: string;
  /** Its name, not where it is: whoever may not push need not know. */
  readonly repository: string;
  readonly main: string;
  readonly headOid: Oid;
  readonly baseOid: Oid;
  /** The project's own template of the role; null for the shipped one. */
  readonly template: string | null;
  /** Those of `reportsFor` whose content is still there. */
  readonly reports: readonly BriefFile[];
}
