import { recorded } from '../application/envelope';
import type { EventStore } from '../application/ports/event-store';
import { POLICY_STREAM_PREFIX } from '../domain/ids';
import type { PolicyEvent } from '../domain/policy/policy.events';
import { ConfiguredProjects } from '../infrastructure/config/configured-projects';
import type { ServiceConfig } from '../infrastructure/config/service-config';

/** Projects as a log knows them: `land` has no project file. */
export async function recordedProjects(
  store: EventStore,
  switches?: ServiceConfig['switches'],
): Promise<ConfiguredProjects> {
  const { events } = await store.readAll({ prefixes: [POLICY_STREAM_PREFIX], limit: 10_000 });
  const latest = new Map(events.map((event) => [event.stream, recorded<PolicyEvent>(event).data]));
  const known = [...latest.values()].map(({ policy, digest }) => ({
    project: {
      policy,
      policyDigest: digest,
      repository: { project: policy.project, path: policy.repo, main: policy.main },
    },
  }));
  return new ConfiguredProjects(known, switches);
}
