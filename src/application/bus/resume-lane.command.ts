import { CommandHandler, type ICommandHandler } from '@nestjs/cqrs';
import type { Principal } from '../../domain/authority/principal';
import { LaneOperations, type ResumeAnswer, type ResumeRequest } from '../lane-operations';
import { Order } from './operate.command';

export class ResumeLane extends Order<ResumeAnswer> {
  constructor(
    readonly request: ResumeRequest,
    principal: Principal,
  ) {
    super(principal);
  }
}

@CommandHandler(ResumeLane)
export class ResumeLaneHandler implements ICommandHandler<ResumeLane> {
  constructor(private readonly operations: LaneOperations) {}

  execute({ request, principal }: ResumeLane): Promise<ResumeAnswer> {
    return this.operations.resume(request, principal);
  }
}
