import { CommandHandler, type ICommandHandler } from '@nestjs/cqrs';
import type { Principal } from '../../domain/authority/principal';
import { SwitchOperations } from '../switch-operations';
import type { SwitchAnswer, SwitchRequest } from '../switch-requests';
import { Order } from './operate.command';

export class SetSwitch extends Order<SwitchAnswer> {
  constructor(
    readonly request: SwitchRequest,
    principal: Principal,
  ) {
    super(principal);
  }
}

@CommandHandler(SetSwitch)
export class SetSwitchHandler implements ICommandHandler<SetSwitch> {
  constructor(private readonly operations: SwitchOperations) {}

  execute({ request, principal }: SetSwitch): Promise<SwitchAnswer> {
    return this.operations.set(request, principal);
  }
}
