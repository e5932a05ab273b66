import { CommandHandler, type ICommandHandler } from '@nestjs/cqrs';
import type { Principal } from '../../domain/authority/principal';
import { EvidenceOperations } from '../evidence-operations';
import type { Accepted, EvidenceRequest } from '../requests';
import { Order } from './operate.command';

export class RecordEvidence extends Order<Accepted> {
  constructor(
    readonly id: string,
    readonly request: EvidenceRequest,
    principal: Principal,
  ) {
    super(principal);
  }
}

@CommandHandler(RecordEvidence)
export class RecordEvidenceHandler implements ICommandHandler<RecordEvidence> {
  constructor(private readonly operations: EvidenceOperations) {}

  execute({ id, request, principal }: RecordEvidence): Promise<Accepted> {
    return this.operations.record(id, request, principal);
  }
}
