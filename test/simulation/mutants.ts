/** A deliberate fault: in `file`, the text `find` (which must stand there exactly once) becomes `replace`. */
export interface Mutant {
  readonly name: string;
  /** Invariants of which at least one has to notice it. */
  readonly caughtBy: readonly string[];
  readonly file: string;
  readonly find: string;
  readonly replace: string;
  /** First seed to try, a little before the first that notices it; 1 unless the fault is rare. */
  readonly from?: number;
}

/** Faults that the simulation must find. Every concurrency bug that was ever real gets a line here. */
export const MUTANTS: readonly Mutant[] = [
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
    name: 'an infrastructure failure costs a developer retry',
    caughtBy: ['I6'],
    file: 'src/domain/task/decide/infra-failure.ts',
    find: 'const spends = priceOf(failureClass, job);',
    replace: "const spends = priceOf(failureClass, job) && { budget: 'developer', key: 'task' };",
  },
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
    name: 'a developer is asked to repair what infrastructure ended',
    caughtBy: ['I6'],
    file: 'src/domain/task/next-step.ts',
    find: "if (stage === 'development' && isUntested(task)) return untested(task);",
    replace: '',
  },
  {
    name: 'a single red counts',
    caughtBy: ['I42'],
    file: 'src/domain/merge/colours.ts',
    find: "return colour === 'red' && isConfirmed ? 'unconfirmed' : colour;",
    replace: "return isConfirmed || colour === 'green' ? colour : 'red';",
  },
  {
    name: 'red and green on one tree sends the task back',
    caughtBy: ['I41'],
    file: 'src/domain/gates/merge.gate.ts',
    find: 'return answerTo(merge.retest, evidence);',
    replace: "return answerTo('red', evidence);",
  },
  {
    name: 'red and green on one tree lands',
    caughtBy: ['I41'],
    file: 'src/domain/gates/merge.gate.ts',
    find: 'return answerTo(merge.retest, evidence);',
    replace: "return merge.retest === 'red' ? answerTo('red', evidence) : pass(evidence);",
  },
  {
    name: 'a timeout of the suite is taken for a green',
    caughtBy: ['I5'],
    from: 20,
    file: 'src/application/sagas/suite-run.ts',
    find: "if (result.kind === 'tool_error' && result.reason === 'aborted' && signal.aborted) return { kind: 'aborted' };",
    replace:
      "if (result.kind === 'tool_error' && result.reason === 'timeout') return { kind: 'executed', run: { ...run, exitCode: 0 }, tail };\n" +
      "  if (result.kind === 'tool_error' && result.reason === 'aborted' && signal.aborted) return { kind: 'aborted' };",
  },
  {
    name: 'a hold raises no alert',
    caughtBy: ['I8'],
    file: 'src/domain/task/settle.ts',
    find: "  alert(draft, 'critical', `Task ${draft.task.id} needs a person: ${reason}`, detailText({ text, failure, remedy }));\n",
    replace: '',
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
  {
    name: 'every look at a moved branch of a landed task writes a line',
    from: 750,
    caughtBy: ['I7'],
    file: 'src/domain/task/decide/heads.ts',
    find: 'if (draft.task.headAfterLanding === headOid) return;\n',
    replace: '',
  },
  {
    name: 'a job may end for free without end',
    caughtBy: ['I7', 'I17'],
    file: 'src/domain/task/budgets/hold-endless.ts',
    find: 'if (count <= FREE_BOUNDS[end]) return;',
    replace: 'if (count >= 0) return;',
  },
  {
    name: 'a result that the store refuses for good is dropped',
    from: 170,
    caughtBy: ['I17'],
    file: 'src/application/conductor/hand-over.ts',
    find: "if (isFinal(error)) return { kind: 'unstorable', error };",
    replace: "if (isFinal(error)) return { kind: 'lost' };",
  },
  {
    name: 'a clock that was set back is waited for',
    from: 80,
    caughtBy: ['I7'],
    file: 'src/domain/instant.ts',
    find: ' || leftMs > wholeMs + CLOCK_TOLERANCE_MS',
    replace: '',
  },
  {
    name: 'a claim that was on its way when the process was told to stop is left open',
    from: 695,
    caughtBy: ['I1'],
    file: 'src/application/conductor/conductor.ts',
    find: 'has begun a run meanwhile.\n    await this.runs.stop();',
    replace: 'has begun a run meanwhile.',
  },
  {
    name: 'a batch that could not be handled is done with all the same',
    caughtBy: ['I19'],
    file: 'src/application/subscribers/batches.ts',
    find: 'const upTo = error === null ? (events.at(-1) ?? null) : (last as StoredEvent | null);',
    replace: 'const upTo = events.at(-1) ?? null;',
  },
  {
    name: 'the pause before a retry is waited for again when the batch has been taken',
    from: 719,
    caughtBy: ['I19'],
    file: 'src/domain/subscriber/standing.ts',
    find: 'retryAt: earlier(before.trouble.retryAt, now)',
    replace: 'retryAt: before.trouble.retryAt',
  },
  {
    name: 'a batch is done with before it is handled',
    caughtBy: ['I19'],
    file: 'src/application/subscribers/batches.ts',
    find: 'const events = due.events.slice(0, MOST_AT_ONCE);',
    replace:
      'const events = due.events.slice(0, MOST_AT_ONCE);\n' +
      'const first = { after: placeOf(events.at(-1) as StoredEvent), done: [] };\n' +
      "await log.append(known, { type: 'BatchHandled', data: handled(first, deps.worker, this.now()) });\n" +
      'known = await log.recall();',
  },
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
    name: 'with the lease off, a result is let through although its step has an answer',
    from: 1400,
    caughtBy: ['I2'],
    file: 'src/domain/task/changes/late-claims.ts',
    find: 'takenAway.length === 0 || LEAVES_STEP_OPEN.has(type) ? takenAway : []',
    replace: 'takenAway',
  },
  {
    name: 'late results are let through although the lease is on',
    caughtBy: ['I2'],
    file: 'src/domain/task/decide/late-result.ts',
    find: 'if (transitionLease || task.claim?.token === token) return null;',
    replace: 'if (task.claim?.token === token) return null;',
  },
  {
    name: 'a task is staged before what it depends on has landed',
    caughtBy: ['I34'],
    file: 'src/domain/task/next-step.ts',
    find: "return task.stage === 'deploy-staging' && openDependencies(task).length > 0;",
    replace: "return task.stage === 'deploy' && openDependencies(task).length > 0;",
  },
  {
    name: 'nobody looks again when a task has landed that another one waits for',
    from: 150,
    caughtBy: ['I7'],
    file: 'src/application/conductor/dependencies.ts',
    find: 'return ENDING.has(type) ? [...(this.waiting.get(task) ?? [])] : [];',
    replace: "return type === '' ? [...(this.waiting.get(task) ?? [])] : [];",
  },
  {
    name: 'a task that waits for another one has its turn in the lane before it',
    caughtBy: ['I7'],
    file: 'src/application/conductor/lane-queue.ts',
    find: ' && step.on === undefined;',
    replace: ';',
  },
  {
    name: 'nobody looks for what main has to keep',
    caughtBy: ['I32'],
    file: 'src/application/sagas/lost-markers.ts',
    find: 'if (markers.length === 0) return null;',
    replace: 'if (markers.length >= 0) return null;',
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
    find: "if (parsed.kind === 'fault') return failed(executed, parsed);",
    replace:
      "if (parsed.kind === 'fault') return { kind: 'read', report: { tools: [], findings: [] }, digest: '0'.repeat(64), run: outcome.run };",
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
    name: 'a scan that never came to an end is no reason to wait',
    caughtBy: ['I26'],
    file: 'src/domain/gates/report-gate.ts',
    find: "return hold('infra-exhausted');",
    replace: "return { kind: 'pass', evidence: {} };",
  },
  {
    name: 'a run that the kernel ended for want of memory counts as red',
    caughtBy: ['I31'],
    file: 'src/domain/failures/rules/machine-rules.ts',
    find: "'the kernel ended it for want of memory, as the counter of its cgroup says'),",
    replace: "'the kernel ended it for want of memory, as the counter of its cgroup says', { class: 'red' }),",
  },
  {
    name: 'a missing program counts as red',
    caughtBy: ['I31', 'I42'],
    file: 'src/domain/failures/rules/machine-rules.ts',
    find: "'the program was not found, so nothing ran', { retryable: false }),",
    replace: "'the program was not found, so nothing ran', { class: 'red' }),",
  },
  {
    name: 'a suite that executed and failed counts as a fault of the machine',
    caughtBy: ['I31'],
    file: 'src/domain/failures/failure-rules.ts',
    find: "id: 'executed-and-failed',\n    version: 1,\n    class: 'red',",
    replace: "id: 'executed-and-failed',\n    version: 1,\n    class: 'tool-error',",
  },
  {
    name: 'a set-up that fails counts as red',
    caughtBy: ['I31', 'I42'],
    file: 'src/application/sagas/suite-run.ts',
    find: "if (outcome.kind !== 'executed') return outcome;\n  return kept",
    replace:
      "if (outcome.kind === 'failed') return { kind: 'executed', run: { ...outcome.run, exitCode: 1 }, tail: '' };\n" +
      "  if (outcome.kind !== 'executed') return outcome;\n  return kept",
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
