import { CommandHandler, type ICommandHandler } from '@nestjs/cqrs';
import type { Principal } from '../../domain/authority/principal';
import { OutsideWork } from '../outside/outside-work';
import { TakeWork } from '../outside/take-work';
import type {
  ClaimCited,
  CompleteRequest,
  EndRequest,
  Extended,
  Handed,
  Taken,
  TakeRequest,
} from '../outside/work-requests';
import { Order } from './operate.command';

export class TakeOffered extends Order<Taken> {
  constructor(
    readonly request: TakeRequest,
    principal: Principal,
  ) {
    super(principal);
  }
}

export class SendHeartbeat extends Order<Extended> {
  constructor(
    readonly task: string,
    readonly cited: ClaimCited,
    principal: Principal,
  ) {
    super(principal);
  }
}

export class CompleteWork extends Order<Handed> {
  constructor(
    readonly task: string,
    readonly request: CompleteRequest,
    principal: Principal,
  ) {
    super(principal);
  }
}

/** Without a result: it failed, or somebody else may have it. */
export class GiveUpWork extends Order<Handed> {
  constructor(
    readonly how: 'fail' | 'release',
    readonly task: string,
    readonly request: EndRequest,
    principal: Principal,
  ) {
    super(principal);
  }
}

@CommandHandler(TakeOffered)
export class TakeOfferedHandler implements ICommandHandler<TakeOffered> {
  constructor(private readonly work: TakeWork) {}

  execute({ request, principal }: TakeOffered): Promise<Taken> {
    return this.work.take(request, principal);
  }
}

@CommandHandler(SendHeartbeat)
export class SendHeartbeatHandler implements ICommandHandler<SendHeartbeat> {
  constructor(private readonly work: OutsideWork) {}

  execute({ task, cited, principal }: SendHeartbeat): Promise<Extended> {
    return this.work.heartbeat(task, cited, principal);
  }
}

@CommandHandler(CompleteWork)
export class CompleteWorkHandler implements ICommandHandler<CompleteWork> {
  constructor(private readonly work: OutsideWork) {}

  execute({ task, request, principal }: CompleteWork): Promise<Handed> {
    return this.work.complete(task, request, principal);
  }
}

@CommandHandler(GiveUpWork)
export class GiveUpWorkHandler implements ICommandHandler<GiveUpWork> {
  constructor(private readonly work: OutsideWork) {}

  execute({ how, task, request, principal }: GiveUpWork): Promise<Handed> {
    return this.work[how](task, request, principal);
  }
}

export const WORK_HANDLERS = [TakeOfferedHandler, SendHeartbeatHandler, CompleteWorkHandler, GiveUpWorkHandler];
