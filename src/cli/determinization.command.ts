import type { DeterminizationView, RoleView } from '../projections/determinization/get-determinization.query';
import type { ShadowedStage } from '../projections/determinization/shadow-pairs';
import type { Client } from './client';
import type { Output } from './output';
import { bold, dim, yellow } from './styled';

/** Prints what agents judge, what that takes, and what the suites beside them say; or, as JSON, the answer of the route. */
export async function showDeterminization(client: Client, output: Output, project: string | null): Promise<void> {
  const view = await client.determinization(project);
  if (output.isJson) {
    output.json(view);
    return;
  }
  printRoles(output, view);
  if (view.shadows.length === 0)
    output.line(dim('no suite has run beside an agent; staging.shadow and testing.shadow switch that on'));
  for (const shadow of view.shadows) printShadow(output, shadow);
}

function printRoles(output: Output, { roles }: DeterminizationView): void {
  if (roles.length === 0) {
    output.line(dim('no agent has run'));
    return;
  }
  const rows = roles.map((role) => [
    role.role,
    String(role.runs),
    verdictText(role),
    secondsText(role.durationMs),
    tokensText(role, role.runs),
    costText(role, role.runs),
  ]);
  output.table(['role', 'runs', 'verdicts', 'time', 'tokens', 'cost'], rows);
}

function verdictText({ verdicts, errored }: RoleView): string {
  const said = Object.entries(verdicts).map(([status, count]) => `${count} ${status}`);
  const text = [...said, ...(errored === 0 ? [] : [`${errored} without a result`])].join(', ');
  return text === '' ? '-' : text;
}

function printShadow(output: Output, shadow: ShadowedStage): void {
  const { stage, role, runner, matrix, compared, agreed, disagreements } = shadow;
  output.line('');
  output.line(bold(stage), `: the ${role}, and the suite beside it`);
  const rows = (['passed', 'failed', 'none'] as const).map((word) => {
    const { passed, failed, notExecuted } = matrix[word];
    return [WORDS[word], String(passed), String(failed), String(notExecuted)];
  });
  output.table(['agent \\ suite', 'passed', 'failed', 'not executed'], rows);
  if (compared > 0) output.line(`agreed in ${agreed} of ${compared} (${percent(agreed / compared)})`);
  for (const { task, agent, suite, agentRunId, suiteRunId } of disagreements)
    output.line(yellow('disagree'), ` ${task}: agent ${agent} (${agentRunId}), suite ${suite} (${suiteRunId})`);
  printSaving(output, shadow, runner);
}

const WORDS = { passed: 'passed', failed: 'failed', none: 'no verdict' } as const;

/** Every figure is of runs that have been. */
function printSaving(output: Output, { agent, suite, saved }: ShadowedStage, runner: string): void {
  if (saved === null) {
    output.line(dim('what a switch would save is not known: no suite was executed beside an agent that has ended'));
    return;
  }
  const of = `${agent.runs} ${agent.runs === 1 ? 'run' : 'runs'}`;
  output.line(`saved with the ${runner} in its place, from ${of} of the agent and ${suite.runs} of the suite:`);
  const time = `${secondsText(saved.durationMs)} (agent ${secondsText(agent.durationMs)}, suite ${secondsText(suite.durationMs)})`;
  output.table(
    ['', 'saved'],
    [
      ['time', time],
      ['tokens', tokensText(agent, agent.runs)],
      ['cost', costText(agent, agent.runs)],
    ],
  );
}

interface Told {
  readonly counted: number;
  readonly inputTokens: number;
  readonly outputTokens: number;
  readonly priced: number;
  readonly costUsd: number | null;
}

function tokensText({ counted, inputTokens, outputTokens }: Told, runs: number): string {
  if (counted === 0) return 'none recorded';
  return `${grouped(inputTokens)} in, ${grouped(outputTokens)} out${fromSome(counted, runs)}`;
}

function costText({ priced, costUsd }: Told, runs: number): string {
  return costUsd === null ? 'no cost recorded' : `$${costUsd.toFixed(4)}${fromSome(priced, runs)}`;
}

function fromSome(told: number, runs: number): string {
  return told === runs ? '' : `, told by ${told} of ${runs} runs`;
}

function secondsText(ms: number): string {
  return `${grouped(Math.trunc(ms / 1_000))}.${String(Math.abs(Math.trunc(ms / 100)) % 10)} s`;
}

function grouped(count: number): string {
  return String(count).replace(/\B(?=(?:\d{3})+$)/g, ',');
}

function percent(share: number): string {
  return `${Math.round(share * 1_000) / 10} %`;
}
