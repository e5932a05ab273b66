import type { Projects } from '../application/projects';
import { RequestRefused } from '../application/refusals';

/** What is asked about a project that neither the project file of this service nor the log knows. */
export function unknownProject(projects: Projects, project: string): RequestRefused {
  const known = projects.all().map(({ policy }) => policy.project);
  const text = `project: expected one of ${known.join(', ') || 'none configured'}, saw ${JSON.stringify(project)}`;
  return new RequestRefused('unknown', 'unknown-project', text);
}
