import { Query } from '@nestjs/cqrs';
import type { ProjectScope } from '../domain/authority/principal';

/** Whatever is read: nobody can ask without saying which projects they may see. */
export abstract class Reading<Result> extends Query<Result> {
  constructor(readonly within: ProjectScope) {
    super();
  }
}
