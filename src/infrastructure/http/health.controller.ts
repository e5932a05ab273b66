import { Controller, Get, ServiceUnavailableException } from '@nestjs/common';
import { Clock } from '../../application/ports/clock';
import { EventStore, StoreUnavailable, type StoreInfo } from '../../application/ports/event-store';
import type { ProjectScope } from '../../domain/authority/principal';
import { InfrastructureError } from '../../application/ports/infrastructure-error';
import { WorkerHost } from '../../application/ports/worker-host';
import type { ProjectionLag } from '../../projections/following/lag';
import type { SetAside } from '../../domain/task/task.commands';
import { withoutSecrets } from '../../application/secrets';
import { LATE, within } from '../../application/within';
import { ProjectionRunner, type Trouble } from '../../projections/following/projection-runner';
import { listDamage, type DamageBlock } from '../../projections/queue/damage.query';
import { Views, type View } from '../../projections/views';
import { Readiness } from './readiness';
import { Within } from './caller';
import { ForEverybody } from './stance';

interface Live {
  readonly status: 'live';
  /** Null for whoever may not read everything. */
  readonly worker: string | null;
}

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

/** For whoever asks every few seconds: what takes longer does not serve anybody else either. */
const ANSWER_WITHIN_MS = 3_000;
const SILENT = `event store and read models: expected an answer within ${ANSWER_WITHIN_MS / 1_000} s, saw none; look at their servers, the service goes on by itself`;
const NOT_SHOWN =
  'expected a token that may read every project to say more to, saw none; send one, or see the log of the service';
const NOT_YET = {
  starting: 'expected a service that has started, saw it starting; ask again',
  stopping: 'expected a service that goes on, saw it stopping; ask another one',
} as const;

@Controller('health')
export class HealthController {
  private asking: Promise<Ready> | null = null;

  constructor(
    private readonly store: EventStore,
    private readonly host: WorkerHost,
    private readonly readiness: Readiness,
    private readonly projector: ProjectionRunner,
    private readonly views: Views,
    private readonly clock: Clock,
  ) {}

  /** Answers while the process does. */
  @Get('live')
  @ForEverybody()
  live(@Within() scope: ProjectScope): Live {
    return { status: 'live', worker: scope === '*' ? this.host.self : null };
  }

  /** Ready: state folder, log and disk are as they should be, the store answers, and what dead workers left has been cleaned up. */
  @Get('ready')
  @ForEverybody()
  async ready(@Within() scope: ProjectScope): Promise<Ready> {
    if (scope === '*') return this.answered();
    try {
      const answer = await this.answered();
      const { trouble, lag } = answer.read_models;
      const read_models = { trouble: trouble && { ...trouble, error: NOT_SHOWN }, lag };
      return { ...answer, read_models, set_aside: [], damaged: { count: 0, streams: [] } };
    } catch (error) {
      // Of what is in the way its code alone: what it is about names projects and paths.
      throw error instanceof InfrastructureError ? new InfrastructureError(error.code, NOT_SHOWN) : error;
    }
  }

  private async answered(): Promise<Ready> {
    const { phase, waitingFor, ground } = this.readiness;
    if (waitingFor) throw new InfrastructureError(waitingFor.code, waitingFor.line);
    if (phase !== 'ready') throw new ServiceUnavailableException(NOT_YET[phase]);
    const obstacle = ground?.obstacle();
    if (obstacle) throw obstacle;
    // One question at a time: a server that stands still is not asked again by everybody who asks here.
    this.asking ??= this.ask().finally(() => {
      this.asking = null;
    });
    const answer = await within(this.clock, ANSWER_WITHIN_MS, this.asking);
    if (answer === LATE) throw new StoreUnavailable('STORE_UNAVAILABLE', SILENT);
    return answer;
  }

  private async ask(): Promise<Ready> {
    await this.store.readAll({ prefixes: ['task-'], limit: 1 });
    const trouble = withoutPasswords(this.projector.trouble);
    const view = this.views.within('*');
    const damaged = await listDamage(view.models, view.damage);
    const lag = await this.projector.lag();
    const { info: store } = this.store;
    return { status: 'ready', store, set_aside: setAsideIn(view), read_models: { trouble, lag }, damaged };
  }
}

function setAsideIn({ projects }: View): Ready['set_aside'] {
  return projects.all().flatMap(({ policy: { project } }) => {
    const why = projects.setAside(project);
    return why ? [{ project, ...why, cause: withoutSecrets(why.cause) }] : [];
  });
}

function withoutPasswords(trouble: Trouble | null): Trouble | null {
  return trouble && { ...trouble, error: withoutSecrets(trouble.error) };
}
