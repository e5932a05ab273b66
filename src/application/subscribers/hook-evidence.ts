import { hookName } from '../../domain/hooks/hook-sources';
import type { HookCheck } from '../../domain/hooks/read-delivery';
import { HOOK_STREAM_PREFIX, parseTaskId, type TaskId } from '../../domain/ids';
import { subjectOf } from '../../domain/gates/subject';
import type { Principal } from '../../domain/authority/principal';
import type { HookEventData } from '../../domain/hooks/hook.events';
import type { EvidenceOperations } from '../evidence-operations';
import type { BranchLooks } from '../hooks/branch-looks';
import type { StoredEvent } from '../ports/event-store';
import type { TaskIndex } from '../ports/task-index';
import type { Projects } from '../projects';
import { readHookEvent } from '../read-events';
import { RequestRefused } from '../refusals';
import { holdsCredentials } from '../secrets';
import type { TaskRepository } from '../task-repository';
import { BatchHandler, type Batch } from './batch-handler';

export interface HookEvidenceDeps {
  readonly index: () => TaskIndex;
  readonly tasks: TaskRepository;
  readonly projects: Projects;
  readonly looks: BranchLooks;
  readonly evidence: () => EvidenceOperations;
}

/**
 * Takes what webhooks say of a check to the tasks at that commit, in the order in which they came. It follows the log, so that what was recorded
 * is brought whichever process has died since; a task takes a delivery once.
 */
export class HookEvidence extends BatchHandler {
  readonly name = 'hooks';
  readonly prefix = HOOK_STREAM_PREFIX;

  constructor(private readonly deps: HookEvidenceDeps) {
    super();
  }

  wants({ type, data }: Pick<StoredEvent, 'type' | 'data'>): boolean {
    return type === 'WebhookReceived' && data['meaning'] === 'evidence';
  }

  async handle({ events, done }: Batch): Promise<void> {
    const looked = new Set<string>();
    for (const stored of events) {
      const event = readHookEvent(stored);
      if (event.type === 'WebhookReceived' && event.data.check) await this.bring(event.data, event.data.check, looked);
      done(stored);
    }
  }

  /** @param looked projects whose branches were looked at for this batch, all of which was there before. */
  private async bring(
    received: HookEventData['WebhookReceived'],
    check: HookCheck,
    looked: Set<string>,
  ): Promise<void> {
    const { project, source, delivery: id, digest } = received;
    // Nobody works for its tasks here any more.
    if (this.deps.projects.get(project) === null) return;
    // CI may be faster than the poll that finds the commit it has tested.
    if (!looked.has(project)) await this.deps.looks.ask(project);
    looked.add(project);
    const { name, result, headOid, url } = check;
    const link = url === null || holdsCredentials(url) ? {} : { url };
    const request = { gate: 'check_ci_green', name, result, headOid, ...link };
    const principal: Principal = {
      name: hookName(project, source),
      kind: 'service',
      rights: ['work'],
      projects: [project],
    };
    for (const task of await this.tasksAt(project, headOid))
      await this.deps
        .evidence()
        .deliver(task, request, { source, id, digest }, principal)
        .catch((error: unknown) => {
          // A task that does not take it (any more) is no reason to try again.
          if (!(error instanceof RequestRefused) || error.code === 'contended') throw error;
        });
  }

  private async tasksAt(project: string, oid: string): Promise<readonly TaskId[]> {
    const { tasks } = await this.deps.index().open();
    const found: TaskId[] = [];
    for (const { id, revision } of tasks) {
      if (parseTaskId(id)?.project !== project) continue;
      const { state } = await this.deps.tasks.asOf(id, revision);
      if (state.kind === 'submitted' && !state.damage && [state.headOid, subjectOf(state)].includes(oid))
        found.push(id);
    }
    return found;
  }
}
