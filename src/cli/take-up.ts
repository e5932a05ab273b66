import type { Conductor } from '../application/conductor/conductor';
import type { Ground } from '../application/ports/ground';
import type { Core } from '../compose/core';
import { HEAD_POLL_MS, RECONCILE_MS } from '../compose/defaults';
import type { ServiceConfig } from '../infrastructure/config/service-config';
import type { Readiness } from '../infrastructure/http/readiness';
import { demandToken } from './demand-token';
import { untilUsable } from './until-usable';

/** What the service's work begins with. */
export type Begun = Pick<Core, 'verify' | 'mayAppend' | 'conductor' | 'noteLog' | 'checkHead' | 'reachability'> & {
  readonly tokens: Pick<Core['tokens'], 'isAnyLive'>;
  readonly ground: Ground;
  readonly projector: Pick<Core['projector'], 'start'>;
};

/** What is on this machine is there or is a mistake; a server may come later, and is waited for. */
export async function takeUp(
  core: Begun,
  config: Pick<ServiceConfig, 'eventStore' | 'readModel' | 'slots' | 'host' | 'trustedProxies'>,
  readiness: Readiness,
  signal: AbortSignal,
): Promise<Conductor> {
  const { eventStore, readModel, slots } = config;
  const needsServer = [eventStore, readModel].some(({ kind }) => kind === 'postgres' || kind === 'eventstoredb');
  const begin = async <T>(work: () => Promise<T>): Promise<T> =>
    needsServer ? untilUsable(readiness, core.reachability, work, signal) : work();
  await begin(() => core.verify());
  await begin(() => demandToken(core.tokens, config));
  await begin(() => core.mayAppend());
  await begin(() => core.projector.start());
  const options = {
    slots,
    reconcileMs: RECONCILE_MS,
    headPollMs: HEAD_POLL_MS,
    conducts: () => true,
    requirePolicyInForce: true,
    setsAside: true,
    ground: core.ground,
  };
  // It reads the switches before it is there.
  const conductor = await begin(() => core.conductor(options));
  await begin(() => conductor.start());
  core.noteLog();
  core.checkHead();
  return conductor;
}
