import type { LogIdentity } from '../application/log-identity';
import type { Logger } from '../application/ports/logger';
import { UNWATCHED, type Telemetry } from '../application/ports/telemetry';
import { Sagas, type SagasDeps } from '../application/sagas/sagas';
import { CommandAgentTransport } from '../infrastructure/agents/command-agent-transport';
import { HttpProbe } from '../infrastructure/probes/http-probe';
import { ProcHostEnvironment } from '../infrastructure/processes/proc/proc-host-environment';
import type { ProcProcessRunner } from '../infrastructure/processes/proc-process-runner';
import { BoundedReportReader } from '../infrastructure/reports/bounded-report-reader';
import { HttpImageRegistry } from '../infrastructure/reports/image/registry/http-image-registry';
import { FileSetupCache } from '../infrastructure/setup-cache/file-setup-cache';
import { NoSetupCache } from '../infrastructure/setup-cache/no-setup-cache';
import { ObservedProcessRunner } from '../infrastructure/telemetry/observed-process-runner';
import { KnownTests } from '../projections/reports/known-tests';
import { KnownReports } from '../projections/reports/known-reports';
import { RunHistory } from '../projections/runs/run-history';
import type { ProjectionRunner } from '../projections/following/projection-runner';
import type { ReadModels } from '../projections/read-models';

/** What there is of it in a process. */
export interface SagaParts extends Pick<SagasDeps, 'git' | 'hasher' | 'clock' | 'artifacts'> {
  readonly runner: ProcProcessRunner;
  readonly models: ReadModels;
  readonly projector: ProjectionRunner;
  readonly settings: {
    readonly stateDir: string;
    readonly logger: Logger;
    readonly agentEnvironment: readonly string[];
    readonly setupCache?: boolean;
    readonly telemetry?: Telemetry;
  };
}

/** What does the jobs of a conductor: with real processes, a real git and a real network. */
export function sagasOf(core: SagaParts, log: LogIdentity): Sagas {
  const { git, hasher, clock, artifacts, models, projector } = core;
  const { logger, stateDir, agentEnvironment: environment, setupCache = true, telemetry = UNWATCHED } = core.settings;
  const host = new ProcHostEnvironment({ stateDir, isolation: () => core.runner.level });
  const runner = new ObservedProcessRunner(core.runner, telemetry);
  return new Sagas({
    git,
    telemetry,
    runner,
    host,
    hasher,
    clock,
    artifacts,
    agents: new CommandAgentTransport({ runner, host, logger, stateDir, environment }),
    history: new RunHistory(models),
    probe: new HttpProbe(),
    reports: new BoundedReportReader(),
    registry: new HttpImageRegistry(),
    reportHistory: new KnownReports(models, () => projector.catchUp()),
    testHistory: new KnownTests(models, () => projector.catchUp()),
    log,
    setups: setupCache ? new FileSetupCache(stateDir, logger) : new NoSetupCache(),
  });
}
