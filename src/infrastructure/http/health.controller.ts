import { Controller, Get, ServiceUnavailableException } from '@nestjs/common';
import { EventStore } from '../../application/ports/event-store';
import { WorkerHost } from '../../application/ports/worker-host';
import { Readiness } from './readiness';

@Controller('health')
export class HealthController {
  constructor(
    private readonly store: EventStore,
    private readonly host: WorkerHost,
    private readonly readiness: Readiness,
  ) {}

  @Get('live')
  live(): { status: 'live'; worker: string } {
    return { status: 'live', worker: this.host.self };
  }

  /** Ready: the store answers, and what dead workers left has been cleaned up. */
  @Get('ready')
  async ready(): Promise<{ status: 'ready' }> {
    if (!this.readiness.isReady) throw new ServiceUnavailableException('starting');
    await this.store.readAll({ prefixes: ['task-'], limit: 1 });
    return { status: 'ready' };
  }
}
