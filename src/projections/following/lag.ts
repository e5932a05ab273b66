import type { Kysely } from 'kysely';
import type { Clock } from '../../application/ports/clock';
import type { EventStore } from '../../application/ports/event-store';
import { currentOf, generationsOf } from '../generations/generations';
import { PROJECTED_PREFIXES } from '../events/log-event';
import type { LogIdentity } from '../../application/log-identity';
import { parsePosition, START, type PositionText } from '../events/position';
import type { Projection } from '../projection';

export interface ProjectionLag {
  readonly projection: string;
  readonly version: number;
  readonly position: PositionText;
  /** Events of the log that are not reflected yet; `LAG_COUNTED` stands for that many or more. */
  readonly events: number;
  /** Age of the oldest of them. */
  readonly lagMs: number;
}

export const LAG_COUNTED = 500;

interface Deps {
  readonly store: EventStore;
  readonly db: Kysely<unknown>;
  readonly log: LogIdentity;
  readonly clock: Clock;
}

export async function measureLag(deps: Deps, projections: readonly Projection[]): Promise<readonly ProjectionLag[]> {
  const lags: ProjectionLag[] = [];
  const generations = await generationsOf(deps.db, deps.log, projections);
  for (const projection of projections) {
    const position = currentOf(generations.get(projection))?.position ?? START;
    const known = lags.find((lag) => lag.position === position) ?? (await lagFrom(deps, position));
    const { events, lagMs } = known;
    lags.push({ projection: projection.name, version: projection.version, position, events, lagMs });
  }
  return lags;
}

/** How far the log has gone on since a position. Positions are only compared, so the events themselves are counted. */
export async function lagFrom(
  { store, clock }: Pick<Deps, 'store' | 'clock'>,
  position: PositionText,
): Promise<{ events: number; lagMs: number }> {
  const at = parsePosition(position);
  const after = at === 'start' ? {} : { after: at };
  const { events } = await store.readAll({ ...after, prefixes: PROJECTED_PREFIXES, limit: LAG_COUNTED });
  const oldest = events[0];
  return { events: events.length, lagMs: oldest ? Math.max(0, clock.now() - oldest.recordedAt.getTime()) : 0 };
}
