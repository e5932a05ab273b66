import { Controller, Get, ServiceUnavailableException } from '@nestjs/common';
import { EventStore, type StoreInfo } from '../../application/ports/event-store';
import { KnownDamage } from '../../application/known-damage';
import { InfrastructureError } from '../../application/ports/infrastructure-error';
import { WorkerHost } from '../../application/ports/worker-host';
import type { ProjectionLag } from '../../projections/following/lag';
import type { SetAside } from '../../domain/task/task.commands';
import { Projects } from '../../application/projects';
import { withoutSecrets } from '../../application/secrets';
import { ProjectionRunner, type Trouble } from '../../projections/following/projection-runner';
import { listDamage, type DamageBlock } from '../../projections/queue/damage.query';
import { ReadModels } from '../../projections/read-models';
import { Readiness } from './readiness';
import { ForEverybody } from './stance';

interface Ready {
  readonly status: 'ready';
  readonly store: StoreInfo;
  /** Projects of which nothing is done here until a person puts right what is wrong with them; the others go on. */
  readonly set_aside: readonly (SetAside & { readonly project: string })[];
  readonly read_models: {
    /** Why they do not follow the log at the moment, and since when; null while they do. */
    readonly trouble: Trouble | null;
    readonly lag: readonly ProjectionLag[];
  };
  /** What cannot be relied on of the log: those tasks and projects move no further, all others do. */
  readonly damaged: DamageBlock;
}

const GONE =
  'state folder: expected it to stay where it is, saw it removed or replaced while it was in use; stop the service and restore it';

@Controller('health')
export class HealthController {
  constructor(
    private readonly store: EventStore,
    private readonly host: WorkerHost,
    private readonly readiness: Readiness,
    private readonly projector: ProjectionRunner,
    private readonly projects: Projects,
    private readonly models: ReadModels,
    private readonly damage: KnownDamage,
  ) {}

  /** Answers while the process does. */
  @Get('live')
  @ForEverybody()
  live(): { status: 'live'; worker: string } {
    return { status: 'live', worker: this.host.self };
  }

  /** Ready: the store answers, and what dead workers left has been cleaned up. */
  @Get('ready')
  @ForEverybody()
  async ready(): Promise<Ready> {
    const { isReady, waitingFor } = this.readiness;
    if (waitingFor) throw new InfrastructureError(waitingFor.code, waitingFor.line);
    if (!isReady) throw new ServiceUnavailableException('starting');
    if (!this.readiness.isGroundThere()) throw new InfrastructureError('STATE_DIR_GONE', GONE);
    await this.store.readAll({ prefixes: ['task-'], limit: 1 });
    const trouble = withoutPasswords(this.projector.trouble);
    const damaged = await listDamage(this.models, this.damage);
    const lag = await this.projector.lag();
    const { info: store } = this.store;
    return { status: 'ready', store, set_aside: this.setAside(), read_models: { trouble, lag }, damaged };
  }

  private setAside(): Ready['set_aside'] {
    return this.projects.all().flatMap(({ policy: { project } }) => {
      const why = this.projects.setAside(project);
      return why ? [{ project, ...why, cause: withoutSecrets(why.cause) }] : [];
    });
  }
}

function withoutPasswords(trouble: Trouble | null): Trouble | null {
  return trouble && { ...trouble, error: withoutSecrets(trouble.error) };
}
