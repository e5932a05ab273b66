import { Controller, HttpCode, Post, Req, Res } from '@nestjs/common';
import type { Request, Response } from 'express';
import { Deliveries, type DeliveryAnswer } from '../../application/hooks/deliveries';
import { Telemetry } from '../../application/ports/telemetry';
import { unfit, misfit } from '../../application/refusals';
import { A_DELIVERY_ID, isDeliveryId } from '../../domain/hooks/hook-sources';
import { eventOf, payloadOf } from '../hooks/delivery-body';
import { deliveryIdOf } from '../hooks/signed-deliveries';
import { signedDelivery } from './hook-door';
import { ForSigned } from './stance';

@Controller('v1/hooks')
export class HooksController {
  constructor(
    private readonly deliveries: Deliveries,
    private readonly telemetry: Telemetry,
  ) {}

  /** Takes a webhook that is signed with a secret of the project. 200: its id is known, and nothing is recorded again. */
  @Post(':project/:source')
  @HttpCode(202)
  @ForSigned()
  async take(@Req() request: Request, @Res({ passthrough: true }) response: Response): Promise<DeliveryAnswer> {
    const { project, source, headers, body, digest } = signedDelivery(request);
    const id = deliveryIdOf({ source, headers });
    if (!isDeliveryId(id)) throw unfit('invalid-delivery', 'delivery', A_DELIVERY_ID, id);
    const payload = payloadOf(headers, body);
    if (payload === undefined) throw misfit('invalid-delivery', 'body', 'JSON in UTF-8', 'something else');
    const event = eventOf(source, headers, payload);
    const answer = await this.deliveries.take({ project, source, id, event, digest, payload });
    if (answer.duplicate) response.status(200);
    this.telemetry.happened('hook', { source, outcome: outcomeOf(answer) });
    return answer;
  }
}

function outcomeOf({ duplicate, replayed, meaning }: DeliveryAnswer): string {
  if (duplicate) return 'duplicate';
  return replayed ? 'replayed' : meaning;
}
