import type { Projects } from '../application/projects';
import type { ServiceConfig } from '../infrastructure/config/service-config';
import { SERVICE_KEYS } from '../infrastructure/config/service-keys';
import { originText } from './switch.command';
import { UserError } from './user-error';

/** A verb that runs the suites itself has nobody to leave them to. @throws UserError where somebody has switched that off. */
export function requireStagingRunner(verb: string, { switches }: ServiceConfig, projects: readonly string[]): void {
  const { enabled, projects: scope } = switches.stagingRunner;
  const without = scope === '*' ? undefined : projects.find((project) => !scope.includes(project));
  if (enabled && without === undefined) return;
  const { stagingRunnerEnabled, stagingRunnerProjects } = SERVICE_KEYS;
  const [name, expected, seen] = enabled
    ? [stagingRunnerProjects.name, `* or ${without ?? ''} among them`, 'a scope without it']
    : [stagingRunnerEnabled.name, 'true', 'false'];
  throw new UserError(`${name}: expected ${expected}, saw ${seen}; ${verb} runs the suite itself: unset it`);
}

/** The same where people may have set the switch in the log. @throws UserError when it is off, by whoever says so. */
export function requireSwitchedOn(verb: string, config: ServiceConfig, projects: Projects, project: string): void {
  const { enabled, origin } = projects.switchesInForce(project).stagingRunner;
  if (enabled) return;
  if (origin.from !== 'event') requireStagingRunner(verb, config, [project]);
  const cure = `stagegate switch stagingRunner default --project ${project} gives it back`;
  throw new UserError(
    `stagingRunner of ${project}: expected on, saw off (${originText(origin)}); ${verb} runs the suite itself: ${cure}`,
  );
}
