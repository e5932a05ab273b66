import { causeOf, witnessFinding } from '../../domain/witness/witness-finding';
import { ruleOf } from '../../domain/failures/by-rule';
import type { Oid } from '../../domain/ids';
import { colourOf, findingOf, type ColourSeen } from '../../domain/merge/colours';
import { confirmsRed, seenBefore } from '../../domain/task/seen-before';
import type { SuitePolicy } from '../../domain/policy/project-policy';
import { renderSuiteLog, type LogKind, type SuiteLog } from '../../domain/staging/suite-log';
import type { ArtifactRef } from '../../domain/task/task.events';
import type { ArtifactStore } from '../ports/artifact-store';
import type { ConfirmedOutcome, Executed } from './confirmed-suite';
import type { SagaContext } from './saga';
import { commandText } from './suite-run';

type Confirmed = Extract<ConfirmedOutcome, Executed>;

export interface KeptLog extends Confirmed {
  readonly logKind: LogKind;
  readonly artifact: { readonly file: string; readonly passes: string; readonly fails: string };
  readonly suite: SuitePolicy;
  readonly subjectOid: Oid;
  readonly candidate?: SuiteLog['candidate'];
}

/** The log of a run is a file of this machine; who repairs the change may be on another one. */
export async function keepSuiteLog(
  { artifacts }: { readonly artifacts: ArtifactStore },
  context: SagaContext,
  {
    run,
    tail,
    first,
    tested,
    logKind,
    artifact: { file, passes, fails },
    suite,
    subjectOid,
    candidate,
    ...by
  }: KeptLog,
): Promise<ArtifactRef> {
  const { task, claim } = context;
  const before = first ? { colour: 'red' as const, runId: first.run.runId } : seenByTask(context, tested);
  const isInconclusive = findingOf(colourOf(run), before, false) === 'inconclusive';
  const found = isInconclusive ? null : witnessFinding({ ...run, ...ruleOf(by) }, suite);
  const isPassed = run.exitCode === 0 && !isInconclusive && !found;
  const text = renderSuiteLog({
    kind: logKind,
    task: task.id,
    title: task.title,
    status: isPassed ? passes : fails,
    cause: isInconclusive ? 'inconclusive' : found && causeOf(found),
    claim: claim.token,
    subjectOid,
    ...(candidate ? { candidate } : {}),
    suiteDigest: tested.suiteDigest,
    suite: commandText(suite.suite),
    run,
    evidence: [
      ...(before ? [`run ${before.runId} on the same tree was ${before.colour}`] : []),
      ...(found?.evidence ?? []),
    ],
    ...(first ? { first } : {}),
    tail,
    ...ruleOf(by),
  });
  return { name: file, digest: await artifacts.put(text) };
}

function seenByTask({ task, claim, project, switches }: SagaContext, tested: Confirmed['tested']): ColourSeen | null {
  return seenBefore(task, tested, confirmsRed(claim.job, project.policy, switches));
}
