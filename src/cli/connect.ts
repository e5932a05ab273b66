import { operator } from '../domain/authority/principal';
import { loadServiceConfig } from '../infrastructure/config/service-config';
import { ownUser } from '../infrastructure/system/own-user';
import { httpClient, type Service } from './http-client';
import type { Client } from './client';
import { conductorsOf } from './conductors';
import { workerAt } from './find-service';
import { readOperatorFile, tokenIn } from './operator-file';
import { UserError } from './user-error';
import { readUpFiles } from './up-file';

/**
 * Finds whom to ask: the service that the environment names, the one that runs on the state directory, or else its store.
 *
 * @param repo a repository into which `land` has landed; its state is used instead of the service's.
 */
export async function connect(repo: string | undefined): Promise<Client> {
  const running = repo === undefined ? await serviceAtHand() : null;
  if (running) return httpClient({ ...running, again: serviceAtHand });
  // Loaded when no service runs: everything that opens a store takes three times as long to load as to be asked.
  const [{ directClient }, { openCore }] = await Promise.all([import('./direct-client.js'), import('./open-core.js')]);
  const core = await openCore(repo);
  // A service's state may be driven from another host; a repository's own is driven by whoever lands into it.
  // Whoever may write the store's file needs nobody's leave.
  const principal = operator(ownUser().name ?? 'operator');
  return directClient(
    core,
    principal,
    repo === undefined ? undefined : conductorsOf(core.settings.stateDir, core.host),
  );
}

/** @throws UserError when there is none. */
export async function theService(): Promise<Service> {
  const found = await serviceAtHand();
  if (found) return found;
  throw new UserError(
    'expected a running service, saw none; start it with stagegate up, or name one with STAGEGATE_SERVICE',
  );
}

async function serviceAtHand(): Promise<Service | null> {
  const { service, token, stateDir } = loadServiceConfig();
  if (service === null) return findRunning(stateDir);
  return { url: service, orders: token === null ? null : { url: service, worker: service, token } };
}

async function findRunning(stateDir: string): Promise<Service | null> {
  for (const { url, worker } of readUpFiles(stateDir)) {
    const orders = readOperatorFile(stateDir, worker);
    if ((await workerAt(url, tokenIn(orders))) === worker) return { url, orders };
  }
  // Where nobody answers by that name nobody runs, and the store can be read as well.
  return null;
}
