import { citedSwitches, differUnnoticed } from '../../domain/policy/cited-switches';
import type { Logger } from '../ports/logger';
import type { StoredEvent } from '../ports/event-store';
import { switchSurroundings, type Projects } from '../projects';
import { readTaskEvent } from '../read-events';

export interface SwitchWatchDeps {
  readonly projects: Projects;
  readonly logger: Logger;
  /** This process. */
  readonly self: string;
}

/** Says when another replica claims under other switches than this one would, although both know the same events. */
export class SwitchWatch {
  /** By project: what was said last. */
  private readonly said = new Map<string, string>();

  constructor(private readonly deps: SwitchWatchDeps) {}

  see(project: string, stored: StoredEvent): void {
    if (stored.type !== 'TransitionClaimed') return;
    const event = readTaskEvent(stored);
    const { projects, logger, self } = this.deps;
    if (event.type !== 'TransitionClaimed' || event.data.worker === self) return;
    const { switches: theirs, worker } = event.data;
    const mine = citedSwitches(switchSurroundings(projects, project));
    if (!differUnnoticed(theirs, mine)) return;
    const named = (off: readonly string[] = []) => off.join(', ') || 'nothing';
    const about = { project, worker, offThere: named(theirs?.off), offHere: named(mine?.off) };
    const what = JSON.stringify(about);
    if (this.said.get(project) === what) return;
    this.said.set(project, what);
    logger.warn('another replica works with other switches', about);
  }
}
