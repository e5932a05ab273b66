import { readPolicyEvent } from '../application/read-events';
import type { EventStore } from '../application/ports/event-store';
import { POLICY_STREAM_PREFIX } from '../domain/ids';
import { repositoryOf } from '../infrastructure/config/project/build-project';
import { ConfiguredProjects } from '../infrastructure/config/project/configured-projects';
import type { ServiceConfig } from '../infrastructure/config/service-config';

/** Projects as a log knows them: `land` has no project file. */
export async function recordedProjects(
  store: EventStore,
  switches?: ServiceConfig['switches'],
): Promise<ConfiguredProjects> {
  const { events } = await store.readAll({ prefixes: [POLICY_STREAM_PREFIX], limit: 10_000 });
  const read = events.map((event) => [event.stream, readPolicyEvent(event)] as const);
  // What cannot be read is reported by whoever is asked for a task: here its project is as it was before.
  const latest = new Map(
    read.flatMap(([stream, event]) => (event.type === 'Unreadable' ? [] : [[stream, event.data]])),
  );
  const known = [...latest.values()].map(({ policy, digest }) => ({
    project: {
      policy,
      policyDigest: digest,
      repository: repositoryOf(policy),
    },
  }));
  return new ConfiguredProjects(known, switches);
}
