import type { Mutant } from './mutant';

/** What people switch, and the shadows beside what is switched off. */
export const SWITCHES: readonly Mutant[] = [
  {
    name: 'a switch is read from the file although an event says otherwise',
    caughtBy: ['I12'],
    file: 'src/domain/policy/switches-in-force.ts',
    find: 'if (setting) {',
    replace: 'if (setting && file === undefined) {',
  },
  {
    name: 'a switch is read when the service starts, and never again',
    caughtBy: ['I12'],
    file: 'src/application/conductor/conductor.ts',
    find: 'this.keep(this.switches.take(event));',
    replace: '',
  },
  {
    name: 'a switch is asked for when a job is claimed, not when it starts anything',
    caughtBy: ['I12'],
    file: 'src/application/sagas/suite-runner.saga.ts',
    find: 'const isWanted = () => context.switches[verdict.switchedBy];',
    replace: 'const isWanted = () => true;',
  },
  {
    name: 'the verdict of a shadow counts',
    caughtBy: ['I33', 'I2'],
    file: 'src/domain/task/decide/decide-shadow.ts',
    find: "draft.add({ type: 'ShadowSuiteFinished', data });",
    replace:
      "draft.add({ type: 'ShadowSuiteFinished', data });" +
      "if (data.status !== null) draft.add({ type: 'VerdictRecorded', data: { ...data, passed: data.status !== 'FAILED'," +
      ' status: data.status, cause: null, subjectOid: data.headOid, baseOid: null, environmentDigest: null,' +
      " artifact: null, producer: 'staging-runner', source: 'runner' } });",
  },
  {
    name: 'a shadow ends the claim of the agent beside it',
    caughtBy: ['I1', 'I2', 'I7'],
    file: 'src/domain/task/evolve.ts',
    find: 'return { shadows: withShadow(task, event.data) };',
    replace: 'return { shadows: withShadow(task, event.data), claim: null };',
  },
];
