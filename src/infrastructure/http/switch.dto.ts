import { isSwitchState, type SwitchState } from '../../application/switch-requests';
import { A_REASON, isReason } from '../../domain/task/texts';
import { Fits } from './fits';

/** Body of `POST /v1/projects/:project/switches/:name`. Unknown members are refused. */
export class SetSwitchDto {
  @Fits('string', isSwitchState, 'on, off, or default, which gives it back to project file and environment')
  readonly state!: SwitchState;

  @Fits('string', isReason, A_REASON)
  readonly reason!: string;
}
