import { startPostgresLogs, type PostgresLogs } from '../../support/postgres-log';
import { SampleRepository } from '../../support/sample-repository';
import { ServedCore } from './served-core';

/** A repository with branch `feature`, and logs of both kinds. For `beforeAll`, and `stop` in `afterAll`. */
export async function startSampleAndLogs(): Promise<SampleAndLogs> {
  const sample = new SampleRepository();
  sample.commit('feature', { 'a.txt': 'a\n' }, 'main');
  return new SampleAndLogs(sample, await startPostgresLogs());
}

export class SampleAndLogs {
  constructor(
    readonly sample: SampleRepository,
    readonly logs: PostgresLogs,
  ) {}

  /** On a log of its own. */
  async serve(kind: 'embedded' | 'PostgreSQL'): Promise<ServedCore> {
    return ServedCore.start(this.sample.dir, kind === 'embedded' ? null : this.logs.url(await this.logs.create()));
  }

  async stop(): Promise<void> {
    await this.logs.stop();
    this.sample.dispose();
  }
}
