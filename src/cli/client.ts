import type { NewToken, TokenRequest, TokenView } from '../application/access/tokens';
import type {
  Accepted,
  EvidenceRequest,
  Operation,
  OverrideRequest,
  SubmitRequest,
  WaiverRequest,
} from '../application/requests';
import type {
  ClaimCited,
  CompleteRequest,
  EndRequest,
  Extended,
  Handed,
  Taken,
  TakeRequest,
} from '../application/outside/work-requests';
import type { AlertAnswer, AlertAnswerKind, AlertRequest } from '../application/alert-operations';
import type { RedeliverAnswer, RedeliverRequest } from '../application/redelivery';
import type { ResumeAnswer, ResumeRequest } from '../application/lane-operations';
import type { SwitchAnswer, SwitchesView, SwitchRequest } from '../application/switch-requests';
import type { EventsSource } from './events/events-source';
import type { DeterminizationView } from '../projections/determinization/get-determinization.query';
import type { QueueView } from '../projections/queue/get-queue.query';
import type { TaskView, WhyView } from '../projections/queue/get-task.query';
import type { WorkAsk, WorkView } from '../projections/queue/get-work.query';
import type { AlertsView } from '../projections/queue/list-alerts.query';
import type { DeliveriesView } from '../projections/queue/list-deliveries.query';
import type { FlakesView } from '../projections/queue/list-flakes.query';
import type { RunsView, RunView } from '../projections/runs/list-runs.query';
import type { ArtifactsView } from '../projections/task/list-artifacts.query';
import type { TaskEventsView } from '../projections/task/get-task-events.query';

/** A page of the queue; what is null is left out. */
export interface QueueAsked {
  readonly project: string | null;
  readonly stage: string | null;
  /** As of when: a position or an instant; null for now. */
  readonly at: string | null;
  readonly limit: string | null;
  /** `nextCursor` of the page before. */
  readonly cursor: string | null;
}

/** A page of the flake ledger; what is null is left out. */
export interface FlakesAsked {
  readonly project: string | null;
  readonly limit: string | null;
  readonly cursor: string | null;
}

export interface TokensPage {
  readonly items: readonly TokenView[];
  readonly nextCursor: string | null;
}

/** A page of alerts; what is null is left out. */
export interface AlertsAsked {
  readonly state: string | null;
  readonly project: string | null;
  readonly limit: string | null;
  readonly cursor: string | null;
}

/** A page of deliveries; what is null is left out. */
export interface DeliveriesAsked {
  readonly sink: string | null;
  readonly alert: string | null;
  readonly project: string | null;
  readonly outcome: string | null;
  readonly limit: string | null;
  readonly cursor: string | null;
}

/**
 * What the reading and operating commands need, from a running service or straight from its store. Unknown tasks and runs
 * are null; a refusal is a `UserError`.
 */
export interface Client {
  queue(asked: QueueAsked): Promise<QueueView>;
  task(id: string): Promise<TaskView | null>;
  why(id: string): Promise<WhyView | null>;
  /** A page of what has happened to a task. @param cursor null for the first one */
  events(id: string, cursor: string | null): Promise<TaskEventsView | null>;
  /** The whole log, as others follow it. */
  readonly logEvents: EventsSource;
  runs(taskId: string | null): Promise<RunsView>;
  flakes(asked: FlakesAsked): Promise<FlakesView>;
  run(runId: string): Promise<RunView | null>;
  /** @param project null for all together. */
  determinization(project: string | null): Promise<DeterminizationView>;
  /** The whole output of a run, piece by piece; null when it is not kept on this machine. */
  log(runId: string): Promise<AsyncIterable<Uint8Array> | null>;
  /** A page of what was written about a task. @param cursor null for the first one */
  artifacts(id: string, cursor: string | null): Promise<ArtifactsView | null>;
  /** One of these, by its name or its digest, piece by piece. */
  artifact(id: string, named: string): Promise<AsyncIterable<Uint8Array> | null>;
  submit(task: SubmitRequest): Promise<Accepted>;
  operate(operation: Operation, id: string, reason: string): Promise<Accepted>;
  changePriority(id: string, priority: number): Promise<Accepted>;
  override(id: string, request: OverrideRequest): Promise<Accepted>;
  waive(id: string, request: WaiverRequest): Promise<Accepted>;
  evidence(id: string, request: EvidenceRequest): Promise<Accepted>;
  createToken(token: TokenRequest): Promise<NewToken>;
  /** @param named by its name or its id. */
  revokeToken(named: string, reason: string): Promise<TokenView>;
  /** A page of every one that there ever was, the newest first. @param cursor null for the first one */
  tokens(cursor: string | null): Promise<TokensPage>;
  /** @param project null for all that are configured. */
  switches(project: string | null): Promise<SwitchesView>;
  setSwitch(request: SwitchRequest): Promise<SwitchAnswer>;
  resumeLane(request: ResumeRequest): Promise<ResumeAnswer>;
  alerts(asked: AlertsAsked): Promise<AlertsView>;
  answerAlert(kind: AlertAnswerKind, request: AlertRequest): Promise<AlertAnswer>;
  deliveries(asked: DeliveriesAsked): Promise<DeliveriesView>;
  redeliver(request: RedeliverRequest): Promise<RedeliverAnswer>;
  work(ask: WorkAsk): Promise<WorkView>;
  takeWork(request: TakeRequest): Promise<Taken>;
  heartbeat(task: string, cited: ClaimCited): Promise<Extended>;
  completeWork(task: string, request: CompleteRequest): Promise<Handed>;
  giveUpWork(how: 'fail' | 'release', task: string, request: EndRequest): Promise<Handed>;
  close(): Promise<void>;
}
