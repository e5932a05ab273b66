import { Command, CommandHandler, type ICommandHandler } from '@nestjs/cqrs';
import { Operations, type Accepted, type OperationName, type SubmitRequest } from '../operations';

/** Enters a task into the pipeline. */
export class SubmitTask extends Command<Accepted> {
  constructor(
    readonly request: SubmitRequest,
    readonly actor: string,
  ) {
    super();
  }
}

/** A person's word about a task: hold, release, retry, cancel. */
export class OperateTask extends Command<Accepted> {
  constructor(
    readonly operation: OperationName,
    readonly id: string,
    readonly by: string,
    readonly reason: string,
  ) {
    super();
  }
}

@CommandHandler(SubmitTask)
export class SubmitTaskHandler implements ICommandHandler<SubmitTask> {
  constructor(private readonly operations: Operations) {}

  execute({ request, actor }: SubmitTask): Promise<Accepted> {
    return this.operations.submit(request, actor);
  }
}

@CommandHandler(OperateTask)
export class OperateTaskHandler implements ICommandHandler<OperateTask> {
  constructor(private readonly operations: Operations) {}

  execute({ operation, id, by, reason }: OperateTask): Promise<Accepted> {
    return this.operations.operate(operation, id, by, reason);
  }
}

export const COMMAND_HANDLERS = [SubmitTaskHandler, OperateTaskHandler];
