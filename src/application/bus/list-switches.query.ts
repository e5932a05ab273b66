import { Query, QueryHandler, type IQueryHandler } from '@nestjs/cqrs';
import type { ProjectScope } from '../../domain/authority/principal';
import { SwitchOperations } from '../switch-operations';
import type { SwitchesView } from '../switch-requests';

/** How switches are as of now: read from the log, and so from no read model that may be behind. */
export class ListSwitches extends Query<SwitchesView> {
  /**
   * @param within what whoever asks may see.
   * @param project null for all of that.
   */
  constructor(
    readonly within: ProjectScope,
    readonly project: string | null,
  ) {
    super();
  }
}

@QueryHandler(ListSwitches)
export class ListSwitchesHandler implements IQueryHandler<ListSwitches> {
  constructor(private readonly operations: SwitchOperations) {}

  execute({ within, project }: ListSwitches): Promise<SwitchesView> {
    return this.operations.list(project, within);
  }
}
