import type { StoredEvent } from '../../../application/ports/event-store';
import { readTaskEvent } from '../../../application/read-events';
import { isOfService } from '../../../domain/authority/principal';
import type { Unreadable } from '../../../domain/damage';
import { taskIn } from '../../../domain/ids';
import type { JsonObject } from '../../../domain/json';
import type { TaskEvent, TaskEventOf } from '../../../domain/task/task.events';
import type { SubmittedTask } from '../../../domain/task/task.state';
import { EXIT } from '../../exit-codes';
import type { Output } from '../../output';
import { bold, green, red } from '../../styled';
import { TALES } from './gate-tales';
import { PROJECT } from './gates-project';

export interface GatesSummary {
  readonly tasks: readonly GateOutcome[];
  readonly durationMs: number;
}

/** How one task fared. */
export interface GateOutcome {
  readonly task: string;
  readonly announced: string;
  /** What gates said that did not let it through, in order. */
  readonly refusals: readonly Refusal[];
  readonly repairedBy: 'the developer' | 'a person' | null;
  /** The stage where it rests. */
  readonly stage: string;
  readonly isAsAnnounced: boolean;
}

interface Refusal {
  readonly gate: string;
  /** With its version. */
  readonly rule: string;
  readonly result: string;
  readonly reason: string | null;
  readonly evidence: JsonObject;
}

const MOST_SHOWN = 400;

export function summarizeGates(
  tasks: readonly SubmittedTask[],
  events: readonly StoredEvent[],
  durationMs: number,
): GatesSummary {
  return {
    durationMs,
    tasks: TALES.map(({ branch, gate, repair }): GateOutcome => {
      const task = `${PROJECT}.${branch}`;
      const stage = tasks.find(({ id }) => id === task)?.stage ?? 'created';
      const own = events.filter(({ stream }) => taskIn(stream) === task).map(readTaskEvent);
      const refusals = own.flatMap((event) =>
        event.type === 'GateEvaluated' && isRefusal(event.data) ? [refusal(event.data)] : [],
      );
      const repairedBy = stage === 'done' ? repairer(own) : null;
      const isRefusedOnce = refusals.length === 1 && refusals[0]?.gate === gate;
      const isAsAnnounced = isRefusedOnce && repairedBy === (repair ? 'the developer' : 'a person');
      return { task, announced: gate, refusals, repairedBy, stage, isAsAnnounced };
    }),
  };
}

/** A developer gets a change that was sent back; a person has the stage run again, or waives what was found. */
function repairer(events: readonly (TaskEvent | Unreadable)[]): GateOutcome['repairedBy'] {
  if (events.some((event) => event.type === 'VerdictVoided' && !isOfService(event.data.by))) return 'a person';
  if (events.some(({ type }) => type === 'GateOverridden')) return 'a person';
  return events.some(({ type }) => type === 'StageRolledBack') ? 'the developer' : null;
}

function isRefusal({ result }: TaskEventOf<'GateEvaluated'>['data']): boolean {
  return result === 'fail' || result === 'hold';
}

function refusal({ gate, rule, ruleVersion, result, reason, evidence }: TaskEventOf<'GateEvaluated'>['data']): Refusal {
  return { gate, rule: `${rule}@${ruleVersion}`, result, reason, evidence };
}

/** @returns 0 only if every task was refused by its gate and by no other, and is done. */
export function reportGates(summary: GatesSummary, output: Output): number {
  const code = summary.tasks.every(({ isAsAnnounced }) => isAsAnnounced) ? EXIT.ok : EXIT.internal;
  if (output.isJson) {
    output.json({ summary });
    return code;
  }
  for (const { task, announced, refusals, isAsAnnounced } of summary.tasks) {
    output.line('');
    output.line(bold(task), `  ${announced}, `, isAsAnnounced ? green('as announced') : red('not as announced'));
    for (const { gate, rule, result, reason, evidence } of refusals) {
      output.line(`  ${gate} (rule ${rule}): ${result}${reason === null ? '' : `, ${reason}`}`);
      output.line(`  evidence: ${shortened(JSON.stringify(evidence))}`);
    }
  }
  output.line('');
  output.table(
    ['task', 'refused by', 'repaired by', 'now'],
    summary.tasks.map(({ task, refusals, repairedBy, stage }) => {
      return [task, refusals.map(({ gate }) => gate).join(', ') || '-', repairedBy ?? '-', stage];
    }),
  );
  output.line(`${summary.tasks.length} gates in ${(summary.durationMs / 1000).toFixed(1)} s`);
  return code;
}

function shortened(text: string): string {
  return text.length <= MOST_SHOWN ? text : `${text.slice(0, MOST_SHOWN)}… (${text.length} characters; --json has all)`;
}
