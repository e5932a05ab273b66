import { CommandHandler, type ICommandHandler } from '@nestjs/cqrs';
import type { Principal } from '../../domain/authority/principal';
import { AlertOperations, type AlertAnswer, type AlertAnswerKind, type AlertRequest } from '../alert-operations';
import { Redelivery, type RedeliverAnswer, type RedeliverRequest } from '../redelivery';
import { Order } from './operate.command';

export class AnswerAlert extends Order<AlertAnswer> {
  constructor(
    readonly kind: AlertAnswerKind,
    readonly request: AlertRequest,
    principal: Principal,
  ) {
    super(principal);
  }
}

@CommandHandler(AnswerAlert)
export class AnswerAlertHandler implements ICommandHandler<AnswerAlert> {
  constructor(private readonly operations: AlertOperations) {}

  execute({ kind, request, principal }: AnswerAlert): Promise<AlertAnswer> {
    return this.operations.answer(kind, request, principal);
  }
}

export class RedeliverAlerts extends Order<RedeliverAnswer> {
  constructor(
    readonly request: RedeliverRequest,
    principal: Principal,
  ) {
    super(principal);
  }
}

@CommandHandler(RedeliverAlerts)
export class RedeliverAlertsHandler implements ICommandHandler<RedeliverAlerts> {
  constructor(private readonly redelivery: Redelivery) {}

  execute({ request, principal }: RedeliverAlerts): Promise<RedeliverAnswer> {
    return this.redelivery.redeliver(request, principal);
  }
}
