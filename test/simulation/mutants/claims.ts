import type { Mutant } from './mutant';

/** Who may bring a result, and when a claim ends. */
export const CLAIMS: readonly Mutant[] = [
  {
    name: 'no fence: a result is taken from whoever brings it',
    caughtBy: ['I2', 'I21'],
    from: 10,
    file: 'src/domain/task/decide/decide-claim.ts',
    find: 'return claim && isOwner(claim, context) ? claim : null;',
    replace: 'return task.claim;',
  },
  {
    name: 'a heartbeat of a lost claim is accepted',
    caughtBy: ['I2', 'I21'],
    file: 'src/domain/task/decide/decide-outside.ts',
    find: 'const claim = openClaim(draft, token);',
    replace: 'const { claim } = draft.task;',
  },
  {
    name: 'a claim from outside is ended by whoever knows its token',
    caughtBy: ['I2', 'I21'],
    file: 'src/domain/access/same-digest.ts',
    find: 'return difference === 0;',
    replace: 'return true;',
  },
  {
    name: 'every heartbeat is stored',
    caughtBy: ['I21'],
    file: 'src/domain/task/outside.ts',
    find: 'return at < heardAt ||',
    replace: 'return true ||',
  },
  {
    name: 'a lost answer is answered by deciding again under new ids',
    caughtBy: ['I0', 'I1', 'I2', 'I5'],
    file: 'src/application/reliable-append.ts',
    find: 'const { duplicate = true } = await store.append(stream, expected, events, options);',
    replace:
      'const again = attempt === 0 ? events : events.map((e) => ({ ...e, id: ids.eventId(e.id, attempt) }));' +
      "const end = attempt === 0 ? expected : ((await store.readStream(stream, { from: 'end', direction: 'backwards', limit: 1 }))[0]?.revision ?? 'no-stream');" +
      'const { duplicate = true } = await store.append(stream, end, again);',
  },
  {
    name: 'a reap takes whatever claim is open',
    caughtBy: ['I3'],
    from: 1080,
    file: 'src/domain/task/decide/decide-claim.ts',
    find: 'const claim = citedClaim(draft.task, data.claim);\n  if (!claim) return staleClaim(draft, data.claim);\n  if (data.reason',
    replace:
      'const open = draft.task.claim;\n  const claim = open && { ...open, token: data.claim, deadlineAt: open.since };\n' +
      '  if (!claim) return staleClaim(draft, data.claim);\n  if (data.reason',
  },
  {
    name: 'a claim that was on its way when the process was told to stop is left open',
    from: 95,
    caughtBy: ['I1'],
    file: 'src/application/conductor/conductor.ts',
    find: 'has begun a run meanwhile.\n    await this.runs.stop();',
    replace: 'has begun a run meanwhile.',
  },
  {
    name: 'late results are let through although the lease is on',
    caughtBy: ['I2'],
    file: 'src/domain/task/decide/late-result.ts',
    find: 'if (transitionLease || task.claim?.token === token) return null;',
    replace: 'if (task.claim?.token === token) return null;',
  },
  {
    name: 'with the lease off, a result is let through although its step has an answer',
    from: 1400,
    caughtBy: ['I2'],
    file: 'src/domain/task/changes/late-claims.ts',
    find: 'takenAway.length > 0 && closesStep(task, event) ? [] : takenAway',
    replace: 'takenAway',
  },
];
