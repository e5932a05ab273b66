import { lookup } from 'node:dns/promises';
import { sinkUrl } from '../../infrastructure/alerts/sink-url';
import type { AlertSinkSettings } from '../../infrastructure/alerts/alert-settings';
import { loadAlerts } from '../../infrastructure/config/alerts/load-alerts';
import { processEnvironment, type Environment } from '../../infrastructure/config/environment';
import { hostOf, objectionToHost, publicOr } from '../../infrastructure/outbound/guarded-lookup';
import { within } from '../../application/within';
import { SystemClock } from '../../infrastructure/system/system-clock';
import type { CheckContext } from './check-context';
import { fail, ok, warn, type Finding } from './finding';

const NAME = 'alert sinks';
/** Of one name: a resolver that says nothing is a finding. */
const LOOKUP_MS = 3_000;

/** Every address of a name. */
export type AddressesOf = (name: string) => Promise<readonly string[]>;

/** Whether alerts may go where they are to go, as far as that can be seen without sending any. */
export async function checkSinks({ config }: CheckContext): Promise<Finding | readonly Finding[]> {
  // What is wrong with the file has been said.
  if (config === null || 'error' in config) return [];
  try {
    return await sinksFinding(loadAlerts(config.value.projectsFile).sinks, processEnvironment(), systemAddresses);
  } catch {
    return [];
  }
}

/** @param addressesOf throws what is wrong with the name. */
export async function sinksFinding(
  sinks: readonly AlertSinkSettings[],
  environment: Environment,
  addressesOf: AddressesOf,
): Promise<Finding> {
  if (sinks.length === 0) return ok(NAME, 'log');
  const looked = await Promise.all(sinks.map((sink) => faultOf(sink, environment, addressesOf)));
  const faults = looked.filter((fault) => fault !== null);
  const seen = ['log', ...sinks.map(({ name, kind }) => `${name} (${kind})`)].join(', ');
  const isRefused = faults.some(({ isFinal }) => isFinal);
  const lines = faults.map(({ text }) => text);
  if (faults.length === 0) return ok(NAME, seen);
  return isRefused ? fail(NAME, seen, ...lines) : warn(NAME, seen, ...lines);
}

/** What keeps alerts away, and whether nothing but another file or address cures that. */
interface Fault {
  readonly text: string;
  readonly isFinal: boolean;
}

async function faultOf(
  sink: AlertSinkSettings,
  environment: Environment,
  addressesOf: AddressesOf,
): Promise<Fault | null> {
  const { name, allowed, kind } = sink;
  let url: URL;
  try {
    url = sinkUrl(sink, kind === 'email' ? ['smtps:', 'smtp:'] : ['https:', 'http:'], environment);
  } catch (error) {
    // A variable may be that of the service alone.
    return { text: textOf(error), isFinal: false };
  }
  const host = hostOf(url);
  if (url.protocol === 'http:' && !allowed.includes(host))
    return { text: `${name}: expected https, saw http; if ${host} is yours, name it under allow`, isFinal: true };
  const object = publicOr(allowed, url);
  const objection = objectionToHost(url, object);
  if (objection) return { text: `${name}: ${objection.message}`, isFinal: true };
  try {
    const refused = (await addressesOf(host)).map(object).find((each) => each !== null);
    return refused ? { text: `${name}: ${refused.message}`, isFinal: true } : null;
  } catch (error) {
    return {
      text: `${name}: expected an address of ${host}, saw ${textOf(error)}; correct the name, or DNS`,
      isFinal: false,
    };
  }
}

async function systemAddresses(name: string): Promise<readonly string[]> {
  const found = await within(new SystemClock(), LOOKUP_MS, lookup(name, { all: true }));
  if (!Array.isArray(found)) throw new Error(`nothing within ${LOOKUP_MS / 1000} s`);
  return found.map(({ address }) => address);
}

function textOf(error: unknown): string {
  const { code, message } = error as NodeJS.ErrnoException;
  return code ?? message;
}
