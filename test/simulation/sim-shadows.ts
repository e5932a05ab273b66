import type { SwitchName } from '../../src/domain/policy/switches';
import type { AgentReply, AgentRequest } from '../../src/application/ports/agent-transport';
import { SHADOW_STAGES } from '../../src/domain/policy/project-policy';
import { rowOf } from '../../src/domain/task/pipeline';
import { hasOutsiders } from './outsiders';
import { seeded, type Random } from './random';

/** In one history in eight agents judge, with their suites beside them. Drawn apart, so that other histories stay as they are. */
export function hasShadows(seed: number): boolean {
  return !hasOutsiders(seed) && seeded(seed ^ 0x5ade).chance(0.125);
}

const AGENT = { command: ['agent'], timeoutMs: 60_000, graceMs: 1_000 };

/** What a project with shadows has beside everything else. */
export function shadowSettings(seed: number) {
  return hasShadows(seed) ? { shadow: SHADOW_STAGES, judges: { tester: AGENT, deployer: AGENT } } : { judges: {} };
}

export const RUNNERS_OFF: Readonly<Partial<Record<SwitchName, boolean>>> = { stagingRunner: false, testRunner: false };

/** What a judging agent leaves: mostly that all is well, at times that it is not, at times nothing that could be read. */
export function judged(random: Random, result: AgentReply['result'], artifactFile: string): AgentReply {
  const { artifact } = rowOf(SHADOW_STAGES.find((stage) => rowOf(stage).artifact?.file === artifactFile) ?? 'testing');
  const word = random.chance(0.7) ? artifact?.passes : artifact?.fails;
  const text = random.chance(0.9) ? `---\n${artifact?.verdictKey ?? ''}: ${word ?? ''}\n---\n` : 'all is well\n';
  return { result, artifact: new TextEncoder().encode(text), report: null, usage: null };
}

/** A shadow is nobody's proof that a tree is green. */
export function isShadow({ runId }: Pick<AgentRequest, 'runId'>): boolean {
  return runId.endsWith('-shadow');
}
