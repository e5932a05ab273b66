import type { Conductor } from '../../src/application/conductor/conductor';
import { InfrastructureError } from '../../src/application/ports/infrastructure-error';
import { takeUp, type Begun } from '../../src/cli/take-up';
import { Reachability } from '../../src/infrastructure/event-stores/reachability';
import { Readiness } from '../../src/infrastructure/http/readiness';
import { QuietLogger } from '../support/quiet-logger';

const STEPS = ['verify', 'append', 'projector', 'conductor', 'start'] as const;
type StartStep = (typeof STEPS)[number];

const postgres = { kind: 'postgres', url: 'postgres://localhost/stagegate' } as const;
const files = { kind: 'file', dir: '/srv/state' } as const;

/** A core whose server is away once, when one of the steps asks for it, and the steps that it has seen. */
function coreThatMisses(missed: StartStep): { readonly core: Begun; readonly seen: StartStep[] } {
  const seen: StartStep[] = [];
  const step =
    <T>(name: StartStep, result: T) =>
    () => {
      seen.push(name);
      const isAway = name === missed && seen.filter((each) => each === name).length === 1;
      return isAway ? Promise.reject(new InfrastructureError('STORE_UNAVAILABLE', 'away')) : Promise.resolve(result);
    };
  const core = {
    verify: step('verify', undefined),
    mayAppend: step('append', undefined),
    projector: { start: step('projector', undefined) },
    conductor: step('conductor', { start: step('start', undefined) } as unknown as Conductor),
    noteLog: () => undefined,
    checkHead: () => undefined,
    ground: { obstacle: () => null },
    reachability: new Reachability(new QuietLogger()),
    tokens: { isAnyLive: () => Promise.resolve(false) },
  };
  return { core, seen };
}

function begin(core: Begun, store: typeof postgres | typeof files): Promise<Conductor> {
  const config = {
    eventStore: store,
    readModel: files,
    slots: {},
    host: '127.0.0.1',
    trustedProxies: [],
  } as unknown as Parameters<typeof takeUp>[1];
  return takeUp(core, config, new Readiness(), new AbortController().signal);
}

test('a server that is away is waited for, whichever step of the start asks it first', async () => {
  const all = STEPS.map(async (missed) => {
    const { core, seen } = coreThatMisses(missed);
    await begin(core, postgres);
    expect(seen).toEqual(STEPS.flatMap((step) => (step === missed ? [step, step] : [step])));
  });
  await Promise.all(all);
});

test.each(STEPS)('what is on this machine is not waited for: %s', async (missed) => {
  const { core, seen } = coreThatMisses(missed);
  await expect(begin(core, files)).rejects.toThrow('away');
  expect(seen).toEqual(STEPS.slice(0, STEPS.indexOf(missed) + 1));
});
