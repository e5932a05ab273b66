import type { ContextOf } from './execute-task';
import type { Clock } from './ports/clock';
import type { Ids } from './ports/ids';
import { switchSurroundings, type Project, type Projects } from './projects';
import type { Principal } from '../domain/authority/principal';
import type { Digest } from '../domain/ids';
import { instant } from '../domain/instant';

export interface AskedDeps {
  readonly clock: Clock;
  readonly ids: Ids;
  readonly projects: Projects;
}

/**
 * What decisions are made in that somebody asks for at a door. Nobody asks there for a job that needs the lane: it is not read.
 *
 * @param proof digest of the secret that the caller has shown, where a claim of theirs is the matter.
 */
export function askedContext(
  { clock, ids, projects }: AskedDeps,
  project: Project,
  principal: Principal,
  proof?: Digest,
): ContextOf {
  const { policy, policyDigest } = project;
  return () => ({
    at: instant(clock.now()),
    policy,
    policyDigest,
    surroundings: {
      lane: { holder: null, nextInLine: null },
      ...switchSurroundings(projects, policy.project),
      setAside: projects.setAside(policy.project),
    },
    random: ids.random(),
    principal,
    ...(proof !== undefined && { proof }),
  });
}
