import type { StoredEvent } from '../../src/application/ports/event-store';
import type { OnSilentRevert } from '../../src/domain/gates/revert/on-silent-revert';
import type { RevertAnswer, RevertQuestion } from '../../src/domain/gates/revert/silent-reverts';
import type { TaskEventData } from '../../src/domain/task/task.events';
import type { ProjectSettings } from '../../src/infrastructure/config/project/project-settings';
import type { Violation } from '../support/violation';
import { seeded, type Random } from './random';
import { isOverridden } from './sim-reports';
import type { SimCommit, SimRepository } from './sim-repository';

/** In some histories, drawn apart, somebody looks for what changes take back. */
export function onSilentRevert(seed: number): OnSilentRevert {
  const random = seeded(seed ^ 0x4e7e);
  return random.chance(0.2) ? random.pick(['return', 'return', 'hold']) : 'off';
}

export function revertsOf(seed: number): Pick<ProjectSettings, 'onSilentRevert'> {
  return { onSilentRevert: onSilentRevert(seed) };
}

/** Which pushes take back the newest commit of main, with or without a word; null where none does. */
export function revertDraws(seed: number): Random | null {
  return onSilentRevert(seed) === 'off' ? null : seeded(seed ^ 0x4e7f);
}

export function drawnRevert(random: Random | null): SimCommit['takesBack'] {
  if (!random?.chance(0.3)) return undefined;
  return random.chance(0.7) ? 'silently' : 'by word';
}

/** What the commits between main's and the candidate take back. */
export function revertAnswer(repository: SimRepository, { base, candidate, window }: RevertQuestion): RevertAnswer {
  const kinds = takenBack(repository, base, candidate);
  const { oid } = repository.get(base);
  const hunks = [{ removed: ['fixed'], added: ['broken'] }];
  const side = { path: 'undone.txt', mode: '100644', oid };
  const landed = {
    oid,
    merged: [],
    isRoot: false,
    author: 'Ann',
    at: '2026-01-01T00:00:00Z',
    message: 'Fix it\n',
    changes: [{ before: side, after: side, hunks }],
  };
  return {
    silent: kinds.includes('silently')
      ? [
          {
            rule: 'old-content',
            path: 'undone.txt',
            mainPath: 'undone.txt',
            commits: [oid],
            lines: ['-fixed', '+broken'],
            isWeak: false,
          },
        ]
      : [],
    explicit: kinds.includes('by word') ? [{ commit: oid, by: 'trailer' }] : [],
    made: [],
    scope: { commits: window, reachesFork: true, filesWithoutLines: 0 },
    landed: kinds.length > 0 ? [landed] : [],
    tasks: new Map(),
  };
}

function takenBack(repository: SimRepository, base: string, candidate: string): readonly string[] {
  const kinds: string[] = [];
  for (let at: string | null = candidate; at && at !== base; at = repository.get(at).parent)
    kinds.push(repository.get(at).takesBack ?? '');
  return kinds.filter(Boolean);
}

/**
 * I47: where it is asked for, nothing lands that takes back what main has without a word, unless somebody has let the gate pass on record;
 * and no change is sent back or held for that which does not, or says so.
 */
export function checkReverts(seed: number, repository: SimRepository, events: readonly StoredEvent[]): Violation[] {
  if (onSilentRevert(seed) === 'off') return [];
  return events.flatMap((event, index): Violation[] => {
    const { stream, revision, type } = event;
    const of = events.slice(0, index).filter((each) => each.stream === stream);
    const wrong = (detail: string) => [{ invariant: 'I47', stream, revision, detail }];
    const isSilent = (oid: string, base: string) => takenBack(repository, base, oid).includes('silently');
    if (type === 'TaskLanded') {
      const { newOid, baseOid } = event.data as unknown as TaskEventData['TaskLanded'];
      if (!isSilent(newOid, baseOid) || isOverridden(of, 'check_no_silent_revert')) return [];
      return wrong(`${newOid} landed, which takes back what ${baseOid} has`);
    }
    if (type !== 'GateEvaluated') return [];
    const { gate, result, reason } = event.data as unknown as TaskEventData['GateEvaluated'];
    if (gate !== 'check_no_silent_revert' || !['fail', 'hold'].includes(result) || reason === 'infra-exhausted')
      return [];
    const rebased = of.findLast((each) => each.type === 'BranchRebased')?.data as unknown as
      TaskEventData['BranchRebased'] | undefined;
    return rebased?.newOid && isSilent(rebased.newOid, rebased.baseOid)
      ? []
      : wrong(`${String(rebased?.newOid)} does not pass, and takes nothing back without a word`);
  });
}
