import type { Principal } from '../domain/authority/principal';
import { parseTaskId } from '../domain/ids';
import { laneAlertKey, parseLaneAlert } from '../domain/lane/pause-words';
import { A_REASON, isReason } from '../domain/task/texts';
import type { LaneRepository } from './conductor/lane-repository';
import type { Operations } from './operations';
import type { Projects } from './projects';
import { projectAsked, RequestRefused, unfit } from './refusals';
import { quoted } from './secrets';

export const ALERT_ANSWERS = ['acknowledge', 'close'] as const;
export type AlertAnswerKind = (typeof ALERT_ANSWERS)[number];

export interface AlertRequest {
  /** As the alert says it, such as `web.T1@19`. */
  readonly alert: string;
  readonly note?: string | undefined;
}

export interface AlertAnswer {
  readonly alert: string;
  readonly state: 'acknowledged' | 'closed';
}

const COMMANDS = { acknowledge: 'AcknowledgeAlert', close: 'CloseAlert' } as const;
const STATES = { acknowledge: 'acknowledged', close: 'closed' } as const;

/** What people do about alerts, whichever door they come through. */
export class AlertOperations {
  constructor(
    private readonly deps: {
      readonly operations: Pick<Operations, 'order'>;
      readonly lanes: LaneRepository;
      readonly projects: Projects;
    },
  ) {}

  /** @throws RequestRefused */
  async answer(kind: AlertAnswerKind, { alert, note }: AlertRequest, principal: Principal): Promise<AlertAnswer> {
    if (note !== undefined && !isReason(note)) throw unfit('invalid-note', 'note', A_REASON, note);
    const said = note ?? null;
    const ofLane = parseLaneAlert(alert);
    if (ofLane) await this.answerLane(kind, { alert, note: said }, ofLane.project, principal);
    else await this.answerTask(kind, { alert, note: said }, principal);
    return { alert, state: STATES[kind] };
  }

  private async answerTask(kind: AlertAnswerKind, { alert, note }: Said, principal: Principal): Promise<void> {
    const task = alert.slice(0, Math.max(0, alert.lastIndexOf('@')));
    if (!parseTaskId(task)) throw unknownAlert(alert);
    await this.deps.operations.order(kind, task, { type: COMMANDS[kind], data: { key: alert, note } }, principal);
  }

  private async answerLane(kind: AlertAnswerKind, said: Said, key: string, principal: Principal): Promise<void> {
    const { lanes, projects } = this.deps;
    const { project } = projectAsked(projects, key, COMMANDS[kind], principal).policy;
    const { alert, note } = said;
    const { pause } = await lanes.view(project);
    if (!pause || laneAlertKey(project, pause.alert.revision) !== alert) throw unknownAlert(alert);
    const answer = STATES[kind];
    if (answer === 'acknowledged' && pause.alert.state === 'closed')
      throw new RequestRefused('conflict', 'alert-closed', `alert ${alert} is closed; there is nothing to acknowledge`);
    const data = { key: alert, answer, by: principal.name, ...(note !== null && { note }) };
    const after = await lanes.execute(project, { type: 'AnswerLaneAlert', data });
    const isDone = after.pause?.alert.revision !== pause.alert.revision || after.pause.alert.state !== 'raised';
    if (!isDone) throw new RequestRefused('conflict', 'contended', `${project}: its lane moved meanwhile; ask again`);
  }
}

interface Said {
  readonly alert: string;
  readonly note: string | null;
}

function unknownAlert(alert: string): RequestRefused {
  const text = `alert: expected the key of one that is open, as stagegate alerts prints it, saw ${quoted(alert)}`;
  return new RequestRefused('unknown', 'unknown-alert', text);
}
