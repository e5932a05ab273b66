import type { SeenDamage } from '../../application/known-damage';
import { damageText, type Damage } from '../../domain/damage';
import { projectOfStream } from '../../domain/ids';
import type { SeenModels, Snapshot } from '../read-models';
import type { QueueDamage } from './projectors/queue-damage.projector';
import { QUEUE, QUEUE_DAMAGE } from './queue.projection';

/** Streams that cannot be relied on from some event on: their tasks and projects move no further. */
export interface DamageBlock {
  readonly count: number;
  /** By the names of their streams: the first twenty. */
  readonly streams: readonly (Damage & { readonly text: string })[];
}

const SHOWN = 20;
const MOST_READ = 1_000;

/** Those that read models have come across. */
export async function readDamage(snapshot: Snapshot, project: string | null): Promise<readonly Damage[]> {
  let rows = snapshot.rows<QueueDamage & { key: string }>(QUEUE_DAMAGE.name);
  if (project !== null) rows = rows.where('project', '=', project);
  return rows.select(['stream', 'revision', 'type', 'reason']).orderBy('key').limit(MOST_READ).execute();
}

/** With what this process has found beside them, as a hash that does not fit. */
export function damageBlock(read: readonly Damage[], known: readonly Damage[], project: string | null): DamageBlock {
  const mine = known.filter(({ stream }) => project === null || projectOfStream(stream) === project);
  const streams = [...new Map([...read, ...mine].map((damage) => [damage.stream, damage])).values()];
  streams.sort((a, b) => (a.stream < b.stream ? -1 : 1));
  const shown = streams.slice(0, SHOWN).map(({ stream, revision, type, reason }) => {
    const damage = { stream, revision, type, reason };
    return { ...damage, text: damageText(damage) };
  });
  return { count: streams.length, streams: shown };
}

export async function listDamage(models: SeenModels, known: SeenDamage): Promise<DamageBlock> {
  const read = await models.readIfBuilt(QUEUE, (snapshot) => readDamage(snapshot, null));
  return damageBlock(read?.value ?? [], known.all(), null);
}
