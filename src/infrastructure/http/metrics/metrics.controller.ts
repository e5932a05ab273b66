import { Controller, Get, Res } from '@nestjs/common';
import type { Response } from 'express';
import { RequestRefused } from '../../../application/refusals';
import type { Principal } from '../../../domain/authority/principal';
import { Reader } from '../caller';
import { Needs } from '../stance';
import { Scrape } from './scrape';

@Controller('metrics')
export class MetricsController {
  constructor(private readonly scrape: Scrape) {}

  /**
   * What is counted and measured here, for Prometheus. A token for some projects only does not do: figures are of all.
   *
   * @produces text/plain
   */
  @Get()
  @Needs('read')
  async metrics(@Reader() reader: Principal | null, @Res() response: Response): Promise<void> {
    if (reader && reader.projects !== '*') {
      const text = `expected a token for all projects, ${reader.name} is for ${reader.projects.join(', ')} only`;
      throw new RequestRefused('forbidden', 'not-allowed', text);
    }
    const text = await this.scrape.text();
    response.set({ 'content-type': this.scrape.contentType, 'cache-control': 'no-store' }).send(text);
  }
}
