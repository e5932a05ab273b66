import type { StoredEvent } from '../../src/application/ports/event-store';
import type { Violation } from '../support/invariants';
import type { Shared } from './replica';

/**
 * I42: no change is sent back for a red that was chance. A tree here shows a red that is not its own in one run at most; so whoever
 * looks twice knows. Where people have switched that off, they have asked for it.
 */
export function checkFlakes({ repository, world }: Shared, events: readonly StoredEvent[]): Violation[] {
  const isSwitched = events.some(({ type, data }) => type === 'SwitchSet' && data['switch'] === 'confirmRed');
  if (!world.flakes.areThere || isSwitched) return [];
  const trees = new Map<string, string>();
  return events.flatMap(({ type, stream, revision, data }) => {
    const tested = type === 'RetestFinished' || type === 'VerdictRecorded' ? data['treeOid'] : null;
    // What an agent says is no red of chance, and what lacks a text that main has to keep was not tested.
    if (data['source'] === 'agent' || type === 'MarkersLost') trees.delete(stream);
    else if (typeof tested === 'string') trees.set(stream, tested);
    if (type !== 'StageRolledBack' || data['reason'] !== 'red') return [];
    const tree = trees.get(stream);
    const commit = [...repository.commits.values()].find((each) => each.tree === tree);
    if (!commit || commit.isRed) return [];
    return [{ invariant: 'I42', stream, revision, detail: `${commit.oid} is green, and was sent back as red` }];
  });
}
