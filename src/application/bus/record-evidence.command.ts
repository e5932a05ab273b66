import { CommandHandler, type ICommandHandler } from '@nestjs/cqrs';
import type { Principal } from '../../domain/authority/principal';
import { EvidenceOperations } from '../evidence-operations';
import type { Accepted, Conditions, EvidenceRequest } from '../requests';
import { Order } from './operate.command';

export class RecordEvidence extends Order<Accepted> {
  constructor(
    readonly id: string,
    readonly request: EvidenceRequest,
    principal: Principal,
    readonly asked: Conditions = {},
  ) {
    super(principal);
  }
}

@CommandHandler(RecordEvidence)
export class RecordEvidenceHandler implements ICommandHandler<RecordEvidence> {
  constructor(private readonly operations: EvidenceOperations) {}

  execute({ id, request, principal, asked }: RecordEvidence): Promise<Accepted> {
    return this.operations.record(id, request, principal, asked);
  }
}
