import type { ArtifactStore } from '../../application/ports/artifact-store';
import type { KeptBytes } from '../../application/ports/kept-bytes';
import { RequestRefused } from '../../application/refusals';
import { quoted } from '../../application/secrets';
import type { Digest, TaskId } from '../../domain/ids';
import { artifactsIn, mediaTypeOf, type CitedArtifact } from '../../domain/task/cited-artifacts';
import type { TaskEvent } from '../../domain/task/task.events';
import type { PositionText } from '../events/position';
import { pageOf, type PageAsk } from '../page';
import { citingEvents, type TaskEventsDeps } from './get-task-events.query';

export interface ArtifactView extends Omit<CitedArtifact, 'digest'> {
  readonly sha256: Digest;
  /** What its name says of it. */
  readonly mediaType: string;
  /** null: its content is lost. */
  readonly sizeBytes: number | null;
  /** Of the event that cites it. */
  readonly revision: string;
  readonly at: string;
  /** Whether nothing newer has its name, of the same check. */
  readonly isCurrent: boolean;
}

export interface ArtifactsView {
  readonly position: PositionText;
  /** In the order in which they were written. */
  readonly items: readonly ArtifactView[];
  /** Where the list goes on; null at its end. */
  readonly nextCursor: string | null;
}

/** One of them, to be read or closed. */
export interface OpenArtifact {
  readonly name: string;
  readonly sha256: Digest;
  readonly bytes: KeptBytes;
}

export interface ArtifactsDeps extends TaskEventsDeps {
  readonly artifacts: Pick<ArtifactStore, 'open' | 'sizeOf'>;
}

interface Cited {
  readonly one: CitedArtifact & Pick<ArtifactView, 'revision' | 'at'>;
  /** Unlike that of any other of the task. */
  readonly place: string;
  readonly isCurrent: boolean;
}

/** What was written about a task. @returns null when there is no such task. @throws RequestRefused for no page of it. */
export async function listArtifacts(deps: ArtifactsDeps, id: TaskId, ask: PageAsk = {}): Promise<ArtifactsView | null> {
  const found = await citedOf(deps, id);
  if (!found) return null;
  const { position, cited } = found;
  const { items, nextCursor } = pageOf(cited, ask, ['artifacts', id], ({ place }) => place);
  return { position, items: await Promise.all(items.map((one) => view(deps, one))), nextCursor };
}

/**
 * @param named by its digest, or by its name: then the newest one that has it.
 * @returns null when there is no such task.
 * @throws RequestRefused when the task has no such artifact, or its content is not there as it was kept.
 */
export async function openArtifact(deps: ArtifactsDeps, id: TaskId, named: string): Promise<OpenArtifact | null> {
  const found = await citedOf(deps, id);
  if (!found) return null;
  const { one } =
    found.cited.findLast(({ one: { digest } }) => digest === named) ??
    found.cited.findLast(({ one: { name } }) => name === named) ??
    {};
  if (!one) {
    const text = `${id}: expected the name or the sha256 of one of its artifacts, saw ${quoted(named)}; see the list of them`;
    throw new RequestRefused('unknown', 'unknown-artifact', text);
  }
  const bytes = await deps.artifacts.open(one.digest);
  if (typeof bytes !== 'string') return { name: one.name, sha256: one.digest, bytes };
  const seen = bytes === 'missing' ? 'nothing' : 'other bytes';
  const text = `${id}: expected ${one.name} as it was kept, with sha256 ${one.digest}, saw ${seen}; restore the state directory's artifacts`;
  throw new RequestRefused('gone', 'artifact-lost', text);
}

async function citedOf(deps: ArtifactsDeps, id: TaskId) {
  const found = await citingEvents(deps, id);
  if (!found) return null;
  const all = found.events.flatMap(({ type, data, revision, at }) =>
    artifactsIn({ type, data } as TaskEvent).map((cited, index) => ({
      one: { ...cited, revision, at },
      place: `${revision}.${index}`,
    })),
  );
  const newest = new Map(all.map(({ one, place }) => [keyOf(one), place]));
  const cited = all.map((each): Cited => ({ ...each, isCurrent: newest.get(keyOf(each.one)) === each.place }));
  return { position: found.position, cited };
}

/** What replaces one another: two checks may have files of the same name. */
function keyOf({ name, check }: CitedArtifact): string {
  return JSON.stringify([name, check]);
}

async function view(
  { artifacts }: ArtifactsDeps,
  { one: { digest, ...one }, isCurrent }: Cited,
): Promise<ArtifactView> {
  const mediaType = mediaTypeOf(one.name);
  return { ...one, sha256: digest, mediaType, sizeBytes: await artifacts.sizeOf(digest), isCurrent };
}
