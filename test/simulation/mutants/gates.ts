import type { Mutant } from './mutant';

/** By what a gate lets a task through. */
export const GATES: readonly Mutant[] = [
  {
    name: 'a person who lifts a hold lets the task past the required gate that held it',
    caughtBy: ['I16'],
    file: 'src/domain/gates/exit-gates.ts',
    find: 'return task.gatesUnconfigured.includes(gate) && !requiredGates.includes(gate);',
    replace: 'return task.gatesUnconfigured.includes(gate) || requiredGates.length > 99;',
  },
  {
    name: 'override without record: a gate that does not pass is let through although nothing is recorded',
    caughtBy: ['I20'],
    file: 'src/domain/gates/overrides.ts',
    find: 'return task.overrides.filter(isLive);',
    replace:
      "const unrecorded = { gate, revision: '0', by: 'ann', expiresAt: at, headOid: null, paths: null };" +
      "const isRed = gate === 'check_staging_status' && task.verdicts['deploy-staging']?.passed === false;" +
      'return [...(isRed ? [unrecorded] : []), ...task.overrides.filter(isLive)];',
  },
  {
    name: 'an override that is over still counts',
    caughtBy: ['I20'],
    file: 'src/domain/gates/overrides.ts',
    find: 'epochMs(each.expiresAt) > epochMs(at);',
    replace: 'epochMs(each.expiresAt) > 0 && at.length > 0;',
  },
  {
    name: 'an override counts for whatever commit the branch moves to',
    caughtBy: ['I20'],
    file: 'src/domain/gates/overrides.ts',
    find: '(each.headOid === null || each.headOid === task.headOid) &&',
    replace: '',
  },
  {
    name: 'what CI did not finish is taken for green',
    caughtBy: ['I30'],
    file: 'src/domain/gates/ci.gate.ts',
    find: "const isGreen = result === 'success' || accept.includes(result);",
    replace: "const isGreen = result !== '' || accept.includes(result);",
  },
  {
    name: 'what CI said of a commit counts for the next one',
    caughtBy: ['I30'],
    file: 'src/domain/gates/subject.ts',
    find: 'return found && found.subjectOid === subjectOf(task) ? found : null;',
    replace: 'return found ?? null;',
  },
  {
    name: 'what CI says of another commit is recorded of the one that is judged',
    caughtBy: ['I30'],
    file: 'src/domain/task/decide/decide-evidence.ts',
    find: 'if (judged === null || (subjectOid !== null && subjectOid !== judged)) {',
    replace: 'if (judged === null) {',
  },
  {
    name: 'the last word of CI is believed, whatever it has said before',
    caughtBy: ['I30'],
    file: 'src/domain/gates/ci.gate.ts',
    find: "if (isContradicted(check)) return { kind: 'contradictory', name };",
    replace: '',
  },
  {
    name: 'a report that is broken off counts as one without findings',
    caughtBy: ['I26'],
    file: 'src/application/sagas/reports/report-run.ts',
    find: "if (parsed.kind === 'fault') return failed(ended, parsed);",
    replace:
      "if (parsed.kind === 'fault') return { kind: 'read', report: { tools: [], findings: [] }, digest: '0'.repeat(64), run } as never;",
  },
  {
    name: 'a finding that main has as well counts as new',
    caughtBy: ['I27'],
    file: 'src/domain/gates/security/findings.ts',
    find: '      before.length,\n',
    replace: '      0,\n',
  },
  {
    name: 'the scan looks at the commit of main instead of the candidate',
    caughtBy: ['I26'],
    file: 'src/application/sagas/reports/report-job.saga.ts',
    find: "{ step: 'candidate', oid: newOid, treeOid: newTree, baseOid }",
    replace: "{ step: 'candidate', oid: baseOid, treeOid: newTree, baseOid }",
  },
  {
    name: "the candidate's report stands for main's",
    caughtBy: ['I26'],
    file: 'src/application/sagas/reports/report-job.saga.ts',
    find: "{ step: 'main', oid, treeOid, baseOid: oid }",
    replace: "{ step: 'main', oid: subject.newOid, treeOid, baseOid: oid }",
  },
  {
    name: 'findings are told and let through',
    caughtBy: ['I26'],
    file: 'src/domain/gates/security/security.gate.ts',
    find: 'if (failing === 0) return pass(',
    replace: 'if (failing >= 0) return pass(',
  },
  {
    name: 'an image that names any commit is taken for one of the candidate',
    caughtBy: ['I46'],
    file: 'src/domain/gates/image/images.ts',
    find: "if (revision === null || revision.toLowerCase() !== asked.revision) return 'stale';",
    replace: "if (revision === null || revision.toLowerCase() === '') return 'stale';",
  },
  {
    name: 'an image may be as old as it likes',
    caughtBy: ['I46'],
    file: 'src/domain/gates/image/images.ts',
    find: "<= maxAgeMs ? 'fresh' : 'old';",
    replace: "<= maxAgeMs ? 'fresh' : 'fresh';",
  },
  {
    name: 'a part of an image is believed whatever digest names it',
    caughtBy: ['I46'],
    file: 'src/infrastructure/reports/image/image-tree.ts',
    find: 'if (!isOf(bytes, digest)) throw',
    replace: 'if (!isOf(bytes, digest) && bytes.length === 0) throw',
  },
  {
    name: 'an image has to be of the commit of main instead of the candidate',
    caughtBy: ['I46'],
    file: 'src/application/sagas/reports/image-measure.ts',
    find: 'const asked = { revision: judged.newOid, maxAgeMs, at };',
    replace: 'const asked = { revision: judged.baseOid, maxAgeMs, at };',
  },
  {
    name: 'a scan that never came to an end is no reason to wait',
    caughtBy: ['I26'],
    file: 'src/domain/gates/report-gate.ts',
    find: "return hold('infra-exhausted');",
    replace: "return { kind: 'pass', evidence: {} };",
  },
];
