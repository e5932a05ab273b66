import { SetupCache } from '../../src/application/ports/setup-cache';
import type { SimRepository } from './sim-repository';

/** Projects of the simulation have no set-up; what it looks at is whose folders would be offered to others. */
export class SimSetupCache extends SetupCache {
  constructor(private readonly repository: SimRepository) {
    super();
  }

  restore(): Promise<never> {
    throw new Error('expected no set-up in a simulated run');
  }

  offer(_project: string, treeOid: string): Promise<void> {
    this.repository.offered.push(treeOid);
    return Promise.resolve();
  }
}
