import { TestHistory, type TestsOnMain } from '../../application/ports/test-history';
import type { Digest } from '../../domain/ids';
import type { TestsOfRun } from '../../domain/witness/test-counts';
import type { ReadModels } from '../read-models';
import { REPORTS, SUITE_TESTS } from './reports.projection';
import type { SuiteTests } from './suite-tests.projector';

/** Tests of landed changes as the read model has them; what it has not seen yet is not compared with. */
export class KnownTests extends TestHistory {
  /** @param catchUp brings the read model to the end of the log: the last landing is often moments old. */
  constructor(
    private readonly models: ReadModels,
    private readonly catchUp: () => Promise<unknown>,
  ) {
    super();
  }

  async onMain(project: string, suite: Digest): Promise<TestsOnMain | null> {
    try {
      await this.catchUp();
      const read = await this.models.readIfBuilt(REPORTS, (snapshot) =>
        snapshot
          .rows<SuiteTests>(SUITE_TESTS.name)
          .select(['runId', 'tests'])
          .where('project', '=', project)
          .where('suite', '=', suite)
          .where('landedAt', 'is not', null)
          .orderBy('landedAt', 'desc')
          .orderBy('kind')
          .limit(1)
          .executeTakeFirst(),
      );
      const row = read?.value;
      const tests = row ? (JSON.parse(row.tests) as TestsOfRun | null) : null;
      return row && tests ? { runId: row.runId, tests } : null;
    } catch {
      // A read model that cannot be read at the moment: then nothing is compared.
      return null;
    }
  }
}
