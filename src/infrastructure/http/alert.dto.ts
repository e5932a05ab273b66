import { A_REASON, isReason } from '../../domain/task/texts';
import { Fits, MayBeMissing } from './fits';

/** Body of `POST /v1/alerts/:alert/acknowledge` and `close`. Unknown members are refused. */
export class AnswerAlertDto {
  @MayBeMissing()
  @Fits('string', isReason, A_REASON)
  readonly note?: string;
}

/** Body of `POST /v1/deliveries/redeliver`: the alert's key, the name of a sink, or both. Unknown members are refused. */
export class RedeliverDto {
  @MayBeMissing()
  @Fits('string', isReason, A_REASON)
  readonly alert?: string;

  @MayBeMissing()
  @Fits('string', isReason, A_REASON)
  readonly sink?: string;
}
