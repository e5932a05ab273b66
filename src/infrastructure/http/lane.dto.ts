import { A_REASON, isReason } from '../../domain/task/texts';
import { Fits } from './fits';

/** Body of `POST /v1/projects/:project/lane/resume`. Unknown members are refused. */
export class ResumeLaneDto {
  @Fits('string', isReason, A_REASON)
  readonly reason!: string;
}
