import { instant } from '../../../src/domain/instant';
import { forEverySwitch, SWITCH_NAMES, SWITCHES } from '../../../src/domain/policy/switches';
import {
  decideSwitch,
  evolveSwitches,
  NOTHING_SET,
  type SetSwitch,
  type SwitchSettings,
} from '../../../src/domain/policy/switches.decider';
import {
  NOTHING_CONFIGURED,
  onOrOff,
  switchesInForce,
  type ConfiguredSwitch,
} from '../../../src/domain/policy/switches-in-force';

const AT = instant(Date.parse('2026-11-30T08:00:00.000Z'));
const off: SetSwitch = { switch: 'stagingRunner', enabled: false, by: 'ann', reason: 'it hangs' };
const DAMAGE = { stream: 'switches-web', revision: '1', type: 'SwitchSet', reason: 'expected data' };

function set(...all: readonly Partial<SetSwitch>[]): SwitchSettings {
  return all.reduce<SwitchSettings>(
    (settings, data) => evolveSwitches(settings, { type: 'SwitchSet', data: { ...off, ...data } }, AT),
    NOTHING_SET,
  );
}

describe('a switch that is set', () => {
  test('is an event with who and why', () => {
    expect(decideSwitch(NOTHING_SET, off)).toEqual({ kind: 'accept', events: [{ type: 'SwitchSet', data: off }] });
  });

  test('to what it is set to already is nothing, by whomever and for whatever reason', () => {
    expect(decideSwitch(set({}), off)).toEqual({ kind: 'nothing' });
    expect(decideSwitch(set({}), { ...off, by: 'bob', reason: 'too' })).toEqual({ kind: 'nothing' });
    expect(decideSwitch(NOTHING_SET, { ...off, enabled: null })).toEqual({ kind: 'nothing' });
    expect(decideSwitch(set({}, { enabled: null }), { ...off, enabled: null })).toEqual({ kind: 'nothing' });
  });

  test('on where nobody has set it is an event all the same: from then on no file has a say', () => {
    expect(decideSwitch(NOTHING_SET, { ...off, enabled: true }).kind).toBe('accept');
    expect(decideSwitch(set({}), { ...off, enabled: true }).kind).toBe('accept');
    expect(decideSwitch(set({}), { ...off, enabled: null }).kind).toBe('accept');
  });

  test.each([
    ['stagingRuner', 'did you mean stagingRunner?'],
    ['MERGEINFRARETRY', 'did you mean mergeInfraRetry?'],
    ['staging-runner', 'did you mean stagingRunner?'],
    ['zzzzzzzzzzzz', '; correct it'],
    ['', '; correct it'],
    ['__proto__', '; correct it'],
    ['toString', '; correct it'],
  ])('that there is not (%j) is refused with the names there are, and the nearest', (name, says) => {
    const decision = decideSwitch(NOTHING_SET, { ...off, switch: name });
    expect(decision).toMatchObject({ kind: 'reject', reason: 'unknown-switch' });
    expect(decision).toMatchObject({ detail: expect.stringContaining(`saw ${JSON.stringify(name)}`) as string });
    expect(decision).toMatchObject({ detail: expect.stringContaining(says) as string });
  });

  test('of a stream that cannot be relied on is refused, and says why', () => {
    const settings = evolveSwitches(set({}), { type: 'Unreadable', data: DAMAGE }, AT);
    expect(decideSwitch(settings, { ...off, enabled: true })).toMatchObject({
      kind: 'reject',
      reason: 'store-corrupt',
    });
  });
});

describe('what the log says of switches', () => {
  test('is the last word for each, with its revision', () => {
    const settings = set({}, { switch: 'mergeInfraRetry', by: 'bob' }, { enabled: true, reason: 'it runs again' });
    expect(settings).toMatchObject({
      revision: '2',
      set: {
        stagingRunner: { enabled: true, by: 'ann', reason: 'it runs again', since: AT, revision: '2' },
        mergeInfraRetry: { enabled: false, by: 'bob', revision: '1' },
      },
    });
  });

  test('is nothing of one that was given back, or that a later version knows', () => {
    expect(set({}, { enabled: null }, { switch: 'aLaterSwitch' })).toEqual({ revision: '2', set: {}, damage: null });
  });

  test('stays as it was before the first event that cannot be read', () => {
    const damaged = evolveSwitches(set({}), { type: 'Unreadable', data: DAMAGE }, AT);
    const after = evolveSwitches(damaged, { type: 'SwitchSet', data: { ...off, enabled: true } }, AT);
    expect(after).toEqual({ ...set({}), revision: '2', damage: DAMAGE });
  });
});

describe('precedence', () => {
  const said: readonly (boolean | undefined)[] = [true, false, undefined];
  const cases = said.flatMap((event) =>
    said.flatMap((file) => said.map((environment) => [event, file, environment] as const)),
  );

  test.each(cases)(
    'event %s, file %s, environment %s: the first that says anything counts',
    (event, file, environment) => {
      const settings = event === undefined ? NOTHING_SET : set({ enabled: event });
      const configured = { ...NOTHING_CONFIGURED, stagingRunner: { file, environment } };
      const { stagingRunner } = switchesInForce(settings, configured);
      expect(stagingRunner.enabled).toBe(event ?? file ?? environment ?? true);
      const from = ['event', 'file', 'environment', 'default'];
      const first = [event, file, environment].findIndex((one) => one !== undefined);
      expect(stagingRunner.origin.from).toBe(from.at(first));
    },
  );

  test('an event is told with its revision, by whom, why and since when', () => {
    const { stagingRunner } = switchesInForce(set({}), NOTHING_CONFIGURED);
    const origin = { from: 'event', by: 'ann', reason: 'it hangs', since: AT, revision: '0' };
    expect(stagingRunner).toEqual({ enabled: false, origin });
  });

  test('no switch has a say in another, whoever sets it', () => {
    for (const name of SWITCH_NAMES) {
      const others = forEverySwitch((other) => other !== name);
      expect(onOrOff(switchesInForce(set({ switch: name }), NOTHING_CONFIGURED))).toEqual(others);
      for (const where of ['file', 'environment'] as const) {
        const configured = forEverySwitch((each): ConfiguredSwitch => (each === name ? { [where]: false } : {}));
        expect(onOrOff(switchesInForce(NOTHING_SET, configured))).toEqual(others);
      }
    }
  });
});

test('no variable of a switch begins with that of another, and all are what variables are made of', () => {
  const variables = Object.values(SWITCHES).map(({ variable }) => variable);
  expect(variables.filter((one) => !/^[A-Z]+(_[A-Z]+)*$/.test(one))).toEqual([]);
  expect(variables.filter((one) => variables.some((other) => other !== one && other.startsWith(`${one}_`)))).toEqual(
    [],
  );
});
