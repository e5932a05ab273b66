import type { Project } from '../../../application/projects';
import { jobKey, jobsOf, maxDurationMs } from '../../../domain/task/job';
import { ConfigError } from '../config-error';
import type { ServiceConfig } from '../service-config';

/**
 * Refuses a bound that a healthy job could exceed: the reaper would take work away from an owner that is still doing it.
 * Source: docs/configuration.md, "Time limits"
 */
export function checkReaperBound(reaperMaxRunningS: number, projects: readonly Project[]): void {
  for (const { policy } of projects) {
    for (const job of jobsOf(policy)) {
      const neededS = Math.ceil(maxDurationMs(job, policy) / 1000);
      if (neededS <= reaperMaxRunningS) continue;
      throw new ConfigError(
        `STAGEGATE_REAPER_MAX_RUNNING_S: expected at least ${neededS}, the longest that ${jobKey(job)} of project ` +
          `${policy.project} may take, saw ${reaperMaxRunningS}; raise it or lower that job's timeout`,
      );
    }
  }
}

/** For who says on the command line how long a job may take: that is no mistake unless somebody has said otherwise. */
export function checkChosenBound(config: ServiceConfig, projects: readonly Project[]): void {
  if (config.isReaperBoundChosen) checkReaperBound(config.reaperMaxRunningS, projects);
}
