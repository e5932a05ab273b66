import { RIGHTS, type Principal } from '../../src/domain/authority/principal';
import type { Instant } from '../../src/domain/instant';
import {
  DEFAULT_BACKOFF,
  DEFAULT_BUDGETS,
  type AgentPolicy,
  type ProjectPolicy,
  type SuitePolicy,
} from '../../src/domain/policy/project-policy';
import { forEverySwitch, type Switches } from '../../src/domain/policy/switches';
import type { AgentRole } from '../../src/domain/task/pipeline';
import type { DecisionContext, LaneView } from '../../src/domain/task/task.commands';

export const TASK = 'web.WEB-1';
export const OTHER_TASK = 'web.WEB-2';
export const POLICY_DIGEST = 'd'.repeat(64);
/** The lane's grant that stories have unless they say otherwise. */
export const EPOCH = '7';

const SUITE: SuitePolicy = {
  setup: null,
  suite: 'npm test',
  timeoutMs: 900_000,
  graceMs: 10_000,
  witness: null,
  minIsolation: 'L1',
  env: ['PATH'],
  checkoutDepth: 1,
};
const AGENT: AgentPolicy = { command: ['agent'], timeoutMs: 3_600_000, graceMs: 10_000 };

/** No agents, and a ready branch may enter at deploy-staging. */
export const POLICY: ProjectPolicy = {
  project: 'web',
  repo: '/srv/git/web.git',
  main: 'main',
  entryStages: ['created', 'analysis', 'architecture', 'development', 'review', 'testing', 'deploy-staging'],
  staging: SUITE,
  retest: SUITE,
  agents: {},
  requiredGates: [],
  budgets: DEFAULT_BUDGETS,
  backoff: DEFAULT_BACKOFF,
  onInfraExhausted: 'hold',
  // Stories are about other things than what a change takes back, unless they say so.
  onSilentRevert: 'off',
};

export const ALL_ON: Switches = forEverySwitch(() => true);

/** Who may do everything: what a command leads to is one thing, who may give it another. */
export const ANN: Principal = { name: 'ann', kind: 'person', rights: RIGHTS, projects: '*' };

/** What differs from the plain case. */
export interface Circumstances {
  readonly policy?: Partial<ProjectPolicy>;
  readonly switches?: Partial<Switches>;
  readonly lane?: LaneView;
  readonly random?: number;
  readonly principal?: Principal;
  /** Digest of the secret that comes with what is asked. */
  readonly proof?: string;
}

/** Everything a decision reads besides the task; the task holds its lane unless told otherwise. */
export function contextAt(at: Instant, around: Circumstances = {}): DecisionContext {
  return {
    at,
    policy: { ...POLICY, ...around.policy },
    policyDigest: POLICY_DIGEST,
    surroundings: {
      lane: around.lane ?? { holder: { taskId: TASK, epoch: EPOCH }, nextInLine: null },
      switches: { ...ALL_ON, ...around.switches },
    },
    random: around.random ?? 0.5,
    principal: around.principal ?? ANN,
    ...(around.proof !== undefined && { proof: around.proof }),
  };
}

export function agents(...roles: readonly AgentRole[]): Partial<ProjectPolicy> {
  return { agents: Object.fromEntries(roles.map((role) => [role, AGENT])) };
}

export const EVERY_AGENT = agents('analyst', 'architect', 'developer', 'reviewer', 'tester', 'deployer');
