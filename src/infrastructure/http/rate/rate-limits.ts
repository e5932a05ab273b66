import type { Request, Response } from 'express';
import type { Clock } from '../../../application/ports/clock';
import { RequestRefused } from '../../../application/refusals';
import { LOCAL, type Principal } from '../../../domain/authority/principal';
import { familyOf, reachOf } from '../../outbound/addresses';
import { isForwarded } from '../forwarded';
import { Buckets } from './buckets';
import type { Rates } from './rates';

/** How often whoever asks may do so. Nobody counts on this machine: its operator, and whoever brings no token. */
export class RateLimits {
  private readonly buckets: Buckets;

  constructor(
    clock: Pick<Clock, 'monotonic'>,
    private readonly rates: Rates,
  ) {
    this.buckets = new Buckets(clock);
  }

  /** Counts a request, and says in its answer what is left. @throws RequestRefused when that is nothing. */
  charge(request: Request, response: Response, caller: Principal | null): void {
    const [policy, who, perMinute] =
      caller === null
        ? (['address', networkOf(request.ip ?? ''), this.rates.perAddress] as const)
        : (['token', caller.name, this.rates.perToken] as const);
    if (perMinute === 0 || caller === LOCAL || (caller === null && isOfThisMachine(request))) return;
    const { isWithin, remaining, nextInS, fullInS } = this.buckets.take(`${policy} ${who}`, perMinute);
    response.setHeader('ratelimit-policy', `"${policy}";q=${perMinute};w=60`);
    response.setHeader('ratelimit', `"${policy}";r=${remaining};t=${isWithin ? fullInS : nextInS}`);
    if (isWithin) return;
    response.setHeader('retry-after', String(nextInS));
    const text = `expected at most ${perMinute} requests a minute of one ${policy}, saw more; ask again in ${nextInS} s`;
    throw new RequestRefused('limited', 'rate-limited', text);
  }
}

function isOfThisMachine(request: Request): boolean {
  return reachOf(request.ip ?? '') === 'loopback' && !isForwarded(request);
}

/** Of version 6 somebody has a whole network of addresses: its first half is one caller. */
function networkOf(address: string): string {
  if (familyOf(address) !== 6 || address.includes('.')) return address;
  const [head = '', tail = ''] = (address.split('%')[0] ?? '').split('::');
  const [first, last] = [head, tail].map((part) => part.split(':').filter(Boolean)) as [string[], string[]];
  const zeros = Array<string>(Math.max(0, 8 - first.length - last.length)).fill('0');
  return [...first, ...zeros, ...last].slice(0, 4).join(':');
}
