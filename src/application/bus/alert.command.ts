import { CommandHandler, type ICommandHandler } from '@nestjs/cqrs';
import type { Principal } from '../../domain/authority/principal';
import { AlertOperations, type AlertAnswer, type AlertAnswerKind, type AlertRequest } from '../alert-operations';
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
