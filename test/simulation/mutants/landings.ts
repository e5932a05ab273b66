import type { Mutant } from './mutant';

/** What lands, when main has moved, and what is deployed after it. */
export const LANDINGS: readonly Mutant[] = [
  {
    name: 'a look at a branch from before a job told of a newer head is believed',
    caughtBy: ['I15'],
    from: 300,
    file: 'src/domain/task/decide/decide-head.ts',
    find: 'if (known !== task.headOid) return nothing();',
    replace: '',
  },
  {
    name: 'a head that a job looked up before a newer one was recorded is believed',
    caughtBy: ['I15'],
    from: 2700,
    file: 'src/domain/task/decide/heads.ts',
    find: 'if (recorded !== claim.headOid || headOid === recorded) return false;',
    replace: 'if (headOid === recorded) return false;',
  },
  {
    name: 'set-ups are offered to others before they have landed',
    caughtBy: ['I18'],
    file: 'src/application/sagas/landing.saga.ts',
    find: 'const lease = await this.deps.git.takeEpoch(project.repository, grant);\n    const outcome = await this.deps.git.land(',
    replace:
      'const lease = await this.deps.git.takeEpoch(project.repository, grant);\n    await this.deps.setups.offer(task.project, intent.treeOid);\n    const outcome = await this.deps.git.land(',
  },
  {
    name: 'nobody looks for what main has to keep',
    caughtBy: ['I32'],
    file: 'src/application/sagas/lost-markers.ts',
    find: 'if (markers.length === 0) return null;',
    replace: 'if (markers.length >= 0) return null;',
  },
  {
    name: 'an interrupted landing starts over instead of asking git',
    caughtBy: ['I2b', 'I4', 'I7'],
    from: 300,
    file: 'src/domain/task/changes/claim-changes.ts',
    find: "const isOwn = claim?.job.kind === 'landing' && claim.landing !== null;",
    replace: "const isOwn = claim?.job.kind === 'landing' && claim.landing !== null && claim.token === 'never';",
  },
  {
    name: 'every look at a moved branch of a landed task writes a line',
    from: 750,
    caughtBy: ['I7'],
    file: 'src/domain/task/decide/heads.ts',
    find: 'if (draft.task.headAfterLanding === headOid) return;\n',
    replace: '',
  },
  {
    name: 'that a deploy has begun is forgotten when its worker dies',
    caughtBy: ['I40'],
    file: 'src/domain/task/evolve.ts',
    find: 'return { deployBegun: { oid: event.data.oid, runId: event.data.runId, since: at } };',
    replace: 'return {};',
  },
  {
    name: 'a deploy that was cut short is tried again like a suite',
    caughtBy: ['I40'],
    file: 'src/domain/task/decide/decide-run.ts',
    find: 'if (!neverStarted) {',
    replace: "if (!neverStarted && failed.failure.reason === 'never') {",
  },
  {
    name: 'nobody asks whether something newer has landed before a deploy',
    from: 110,
    caughtBy: ['I40'],
    file: 'src/application/sagas/deploy.saga.ts',
    find: 'if (newer !== null) return superseded(context, oid, newer);',
    replace: '',
  },
  {
    name: 'the deploy command starts although its beginning could not be stored',
    from: 240,
    caughtBy: ['I40'],
    file: 'src/application/sagas/deploy.saga.ts',
    find: 'if (stopped) return stopped;',
    replace: '',
  },
  {
    name: 'a release runs a deploy again that nobody saw the end of',
    caughtBy: ['I40'],
    file: 'src/domain/task/evolve.ts',
    find: "    case 'TaskReleased':\n      return {\n",
    replace: "    case 'TaskReleased':\n      return {\n        deployBegun: null,\n",
  },
];
