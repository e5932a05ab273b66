import type { ICommandHandler } from '@nestjs/cqrs';
import { AnswerAlertHandler, RedeliverAlertsHandler } from './alert.command';
import {
  ChangePriorityHandler,
  OperateTaskHandler,
  OverrideGateHandler,
  SubmitTaskHandler,
  WaiveGateHandler,
  type Order,
} from './operate.command';
import { RecordEvidenceHandler } from './record-evidence.command';
import { ResumeLaneHandler } from './resume-lane.command';
import { SetSwitchHandler } from './set-switch.command';
import { CreateTokenHandler, RevokeTokenHandler } from './token.command';
import { WORK_HANDLERS } from './work.command';

/** The type keeps out whatever no principal stands behind. */
export const COMMAND_HANDLERS: readonly (new (...deps: never[]) => ICommandHandler<Order<unknown>>)[] = [
  SubmitTaskHandler,
  OperateTaskHandler,
  ChangePriorityHandler,
  OverrideGateHandler,
  WaiveGateHandler,
  RecordEvidenceHandler,
  SetSwitchHandler,
  ResumeLaneHandler,
  AnswerAlertHandler,
  RedeliverAlertsHandler,
  CreateTokenHandler,
  RevokeTokenHandler,
  ...WORK_HANDLERS,
];
