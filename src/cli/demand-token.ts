import type { Tokens } from '../application/access/tokens';
import type { ServiceConfig } from '../infrastructure/config/service-config';
import { isLoopbackHost, isOpenDoor } from '../infrastructure/http/binding';
import { UserError } from './user-error';

/** @throws UserError where others can come in and nobody could: without a token there is nothing behind the door but mistakes. */
export async function demandToken(
  tokens: Pick<Tokens, 'isAnyLive'>,
  { host, trustedProxies: proxies }: Pick<ServiceConfig, 'host' | 'trustedProxies'>,
): Promise<void> {
  if (isOpenDoor({ host, proxies }) || (await tokens.isAnyLive())) return;
  const [name, value] = isLoopbackHost(host)
    ? ['STAGEGATE_TRUSTED_PROXIES', proxies.join(',')]
    : ['STAGEGATE_HOST', host];
  const how = 'make one with stagegate token create NAME --scope read, or unset it';
  throw new UserError(`${name}: expected a live token before others may come in, saw ${value} and none; ${how}`);
}
