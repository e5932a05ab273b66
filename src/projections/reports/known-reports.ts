import { ReportHistory, type ReportKey } from '../../application/ports/report-history';
import type { Digest } from '../../domain/ids';
import type { ReadModels } from '../read-models';
import { reportKey } from './report.projector';
import { REPORT, REPORTS } from './reports.projection';

/** Reports as the read model has them; one that it has not seen yet costs a run. */
export class KnownReports extends ReportHistory {
  /** @param catchUp brings the read model to the end of the log: a landing before this one is often moments old. */
  constructor(
    private readonly models: ReadModels,
    private readonly catchUp: () => Promise<unknown>,
  ) {
    super();
  }

  async find(key: ReportKey): Promise<Digest | null> {
    try {
      await this.catchUp();
      const read = await this.models.readIfBuilt(REPORTS, (snapshot) =>
        snapshot
          .rows<{ readonly key: string; readonly report: string }>(REPORT.name)
          .select('report')
          .where('key', '=', reportKey(key))
          .executeTakeFirst(),
      );
      return read?.value?.report ?? null;
    } catch {
      // A read model that cannot be read at the moment: then the command runs on main.
      return null;
    }
  }
}
