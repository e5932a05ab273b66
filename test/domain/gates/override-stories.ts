import { plusMs } from '../../../src/domain/instant';
import { type GateName } from '../../../src/domain/task/pipeline';
import { START, type Line } from '../../support/given-when-then';
import { agents } from '../../support/policies';
import {
  agentDone,
  claim,
  infraFailed,
  MINUTE,
  policy,
  readyToLand,
  submit,
  submittedForStaging,
} from '../../support/task-stories';

export const HOUR = 60 * MINUTE;
export const atInstant = (ms: number) => plusMs(START, ms);
export const requiring = (...requiredGates: readonly GateName[]) => policy({ requiredGates });
export const heldForSecurity: Line = [requiring('check_security'), readyToLand];
export const broken = infraFailed('command_not_found', { failureClass: 'tool-error', retryable: false });
export const heldForStaging: Line = [submittedForStaging, claim('staging-suite'), broken];
export const rejectedByReviewer: Line = [
  policy(agents('reviewer')),
  submit({ startStage: 'review' }),
  claim('reviewer'),
  agentDone('reviewer', 'REQUEST_CHANGES'),
];
