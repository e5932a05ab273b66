import { classify, type FailureFinding } from '../../domain/failures/classify';
import { BARE_SIGNAL, type FailureSignal, type FailureStep } from '../../domain/failures/failure-signal';
import { INFRA_CLASSES, type InfraClass } from '../../domain/merge/failure-class';
import type { CommandLine } from '../../domain/policy/project-policy';
import { storableText } from '../../domain/storable';
import type { InfraFailure } from '../../domain/task/task.commands';
import type { CapturedStream, RunResult } from '../ports/process-runner';

/** What rules get to see of a run that did not end green. */
export function signalOf(result: RunResult, step: FailureStep, command: CommandLine): FailureSignal {
  const { stdout, stderr } = result.output;
  const ended = result.kind === 'tool_error' ? result : { ...result, reason: null };
  return {
    step,
    reason: ended.reason,
    exitCode: ended.exitCode ?? null,
    command: typeof command === 'string' ? command : command.join(' '),
    isOomKilled: result.isOomKilled === true,
    output: [textOf(stdout), textOf(stderr)],
  };
}

/** A failure that a port or the service itself tells by a code. */
export function serviceFailure(
  reason: string,
  message: string,
  step: string,
): Pick<InfraFailure, 'failureClass' | 'failure'> {
  const found = classify({ ...BARE_SIGNAL, step: 'service', reason, output: [message] });
  const { retryable, rule, ruleVersion } = found;
  return {
    failureClass: infraClass(found),
    failure: { reason, retryable, evidence: [storableText(message, 500)], step, rule, ruleVersion },
  };
}

/** A rule that has a class for the change cannot fit where nothing is known of it: then nobody knows. */
export function infraClass(found: FailureFinding): InfraClass {
  return INFRA_CLASSES.find((kind) => kind === found.class) ?? 'other';
}

function textOf({ head, tail, totalBytes }: CapturedStream): string {
  const decoder = new TextDecoder('utf-8');
  const isWhole = totalBytes <= head.length + tail.length;
  return decoder.decode(head) + (isWhole ? '' : '\n[…]\n') + decoder.decode(tail);
}
