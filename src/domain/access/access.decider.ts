import { lacking } from '../authority/needed-rights';
import type { Principal } from '../authority/principal';
import { damageText } from '../damage';
import { unreachable } from '../fact';
import type { Instant } from '../instant';
import { accept, nothing, reject, type Decision } from '../task/decide/decision';
import type { AccessCommand, AccessCommandData, AccessRejection } from './access.commands';
import type { AccessEvent } from './access.events';
import { isLive, type Access, type Token } from './access.state';
import { faultOfGrant } from './grant';
import { isSameDigest } from './same-digest';

type AccessDecision = Decision<AccessEvent, AccessRejection>;

/** Who is let in, and for what. The same command twice gives no second event. */
export function decideAccess(
  access: Access,
  command: AccessCommand,
  { at, principal }: { readonly at: Instant; readonly principal: Principal },
): AccessDecision {
  const lack = lacking(principal, command.type, null);
  if (lack !== null) return reject('not-allowed', lack);
  if (access.damage) return reject('store-corrupt', damageText(access.damage));
  switch (command.type) {
    case 'CreateToken':
      return create(access, command.data, at, principal.name);
    case 'RevokeToken':
      return revoke(access, command.data, principal.name);
    default:
      return unreachable(command);
  }
}

function create({ tokens }: Access, data: AccessCommandData['CreateToken'], at: Instant, by: string): AccessDecision {
  const same = tokens.find(({ id }) => id === data.id);
  if (same)
    return isRepeated(same, data)
      ? nothing()
      : reject('invalid-token', 'id: expected one of its own, saw that of another token; take a new one');
  const fault = faultOfGrant(data, at);
  if (fault !== null) return reject('invalid-token', fault);
  // To people two spellings of a name are one.
  const isNamesake = ({ name }: Token) => name.toLowerCase() === data.name.toLowerCase();
  const namesake = tokens.find((token) => isNamesake(token) && isLive(token, at));
  if (namesake) {
    const how = 'choose another name, or revoke that one first';
    return reject(
      'token-name-taken',
      `name: expected one that no live token has, saw that of ${namesake.name}; ${how}`,
    );
  }
  return accept([{ type: 'TokenCreated', data: { ...data, by } }]);
}

function isRepeated(token: Token, { digest, name }: AccessCommandData['CreateToken']): boolean {
  return isSameDigest(token.digest, digest) && token.name === name;
}

function revoke({ tokens }: Access, { id, reason }: AccessCommandData['RevokeToken'], by: string): AccessDecision {
  const token = tokens.find((one) => one.id === id);
  if (!token) return reject('unknown-token', 'no such token; see stagegate token list');
  if (token.revoked) return nothing();
  return accept([{ type: 'TokenRevoked', data: { id, by, reason } }]);
}
