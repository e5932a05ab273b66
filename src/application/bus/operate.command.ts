import { Command, CommandHandler, type ICommandHandler } from '@nestjs/cqrs';
import type { Principal } from '../../domain/authority/principal';
import { Operations } from '../operations';
import type { Accepted, Conditions, Operation, OverrideRequest, SubmitRequest, WaiverRequest } from '../requests';

/** Whatever changes anything: nobody can make one without saying for whom. */
export abstract class Order<Result> extends Command<Result> {
  constructor(readonly principal: Principal) {
    super();
  }
}

/** Asks for a new task. The bus is REST's way to the operations that every door uses. */
export class SubmitTask extends Order<Accepted> {
  constructor(
    readonly request: SubmitRequest,
    principal: Principal,
    readonly asked: Conditions = {},
  ) {
    super(principal);
  }
}

export class OperateTask extends Order<Accepted> {
  constructor(
    readonly operation: Operation,
    readonly id: string,
    readonly reason: string,
    principal: Principal,
    readonly asked: Conditions = {},
  ) {
    super(principal);
  }
}

export class ChangePriority extends Order<Accepted> {
  constructor(
    readonly id: string,
    readonly priority: number,
    principal: Principal,
    readonly asked: Conditions = {},
  ) {
    super(principal);
  }
}

export class OverrideGate extends Order<Accepted> {
  constructor(
    readonly id: string,
    readonly request: OverrideRequest,
    principal: Principal,
    readonly asked: Conditions = {},
  ) {
    super(principal);
  }
}

export class WaiveGate extends Order<Accepted> {
  constructor(
    readonly id: string,
    readonly request: WaiverRequest,
    principal: Principal,
    readonly asked: Conditions = {},
  ) {
    super(principal);
  }
}

@CommandHandler(SubmitTask)
export class SubmitTaskHandler implements ICommandHandler<SubmitTask> {
  constructor(private readonly operations: Operations) {}

  execute({ request, principal, asked }: SubmitTask): Promise<Accepted> {
    return this.operations.submit(request, principal, asked);
  }
}

@CommandHandler(OperateTask)
export class OperateTaskHandler implements ICommandHandler<OperateTask> {
  constructor(private readonly operations: Operations) {}

  execute({ operation, id, reason, principal, asked }: OperateTask): Promise<Accepted> {
    return this.operations.operate(operation, id, reason, principal, asked);
  }
}

@CommandHandler(ChangePriority)
export class ChangePriorityHandler implements ICommandHandler<ChangePriority> {
  constructor(private readonly operations: Operations) {}

  execute({ id, priority, principal, asked }: ChangePriority): Promise<Accepted> {
    return this.operations.changePriority(id, priority, principal, asked);
  }
}

@CommandHandler(OverrideGate)
export class OverrideGateHandler implements ICommandHandler<OverrideGate> {
  constructor(private readonly operations: Operations) {}

  execute({ id, request, principal, asked }: OverrideGate): Promise<Accepted> {
    return this.operations.override(id, request, principal, asked);
  }
}

@CommandHandler(WaiveGate)
export class WaiveGateHandler implements ICommandHandler<WaiveGate> {
  constructor(private readonly operations: Operations) {}

  execute({ id, request, principal, asked }: WaiveGate): Promise<Accepted> {
    return this.operations.waive(id, request, principal, asked);
  }
}
