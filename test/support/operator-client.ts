import { stagegateClient } from '../../src/client';
import { operatorToken } from './operator';

/** The client that the package has, as the operator of a service. */
export function operatorClient(stateDir: string, url: string): ReturnType<typeof stagegateClient> {
  return stagegateClient({ url, token: operatorToken(stateDir, url) });
}
