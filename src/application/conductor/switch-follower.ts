import type { Logger } from '../ports/logger';
import type { StoredEvent } from '../ports/event-store';
import type { Projects } from '../projects';
import type { SwitchRepository } from '../switch-repository';

export interface SwitchFollowerDeps {
  readonly switches: SwitchRepository;
  readonly projects: Projects;
  readonly logger: Logger;
}

/** Keeps the switches of this process as the log says: read at the start, and followed from there on. */
export class SwitchFollower {
  /** By stream: the event that told of more than could be read. */
  private readonly unread = new Map<string, StoredEvent>();

  /** @param changed told whose switches were set, once they are in force here. */
  constructor(
    private readonly deps: SwitchFollowerDeps,
    private readonly changed: (project: string) => Promise<void>,
  ) {}

  async start(): Promise<void> {
    for (const { policy } of this.deps.projects.all()) await this.deps.switches.read(policy.project);
  }

  async take(event: StoredEvent): Promise<void> {
    const { switches, projects, logger } = this.deps;
    try {
      const project = await switches.observe(event);
      const { revision } = projects.switchSettings(project);
      logger.info('switches of a project were set', { project, revision, ...projects.switches(project) });
      await this.changed(project);
      this.unread.delete(event.stream);
    } catch (error) {
      this.unread.set(event.stream, event);
      logger.warn('a switch that was set could not be read', { stream: event.stream, error: String(error) });
    }
  }

  /** What a store that did not answer has kept from us. */
  async makeGood(): Promise<void> {
    for (const event of [...this.unread.values()]) await this.take(event);
  }
}
