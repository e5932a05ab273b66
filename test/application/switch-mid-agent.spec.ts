import type { AgentReply, AgentRequest } from '../../src/application/ports/agent-transport';
import { AgentJobSaga, type AgentJobDeps } from '../../src/application/sagas/agent-job.saga';
import { SWITCH_NAMES, type Switches } from '../../src/domain/policy/switches';
import { rowOf, type AgentRole } from '../../src/domain/task/pipeline';
import { buildProject } from '../../src/infrastructure/config/project/build-project';
import { NodeHasher } from '../../src/infrastructure/system/node-hasher';
import type { Line } from '../support/given-when-then';
import { ALL_ON, EVERY_AGENT } from '../support/policies';
import { BASE, claim, HEAD, NEW_HEAD, policy, submittedAt, switches, TREE } from '../support/task-stories';
import { MidJob, ranWith } from './mid-job';

const MOMENTS = ['fetch', 'clone', 'agent'] as const;
type Moment = (typeof MOMENTS)[number];
const ROLES = [
  ['developer', 'development'],
  ['reviewer', 'review'],
  ['tester', 'testing'],
  ['deployer', 'deploy-staging'],
] as const;
type Case = readonly [role: (typeof ROLES)[number][0], stage: (typeof ROLES)[number][1]];

const hasher = new NodeHasher();
const command = { command: ['agent'] };
const agents = { developer: command, reviewer: command, tester: command, deployer: command };
const project = buildProject(hasher, { project: 'web', repo: '/r.git', staging: { suite: 'suite' }, agents });

/** Does one job of an agent, on ports that answer at once. */
async function doJob([role, stage]: Case, moment: Moment, flip: Partial<Switches>) {
  const before = stage === 'deploy-staging' ? { ...ALL_ON, stagingRunner: false } : ALL_ON;
  const mid = new MidJob<Moment>(moment, flip, before);
  const { artifact } = rowOf(stage);
  const left = artifact && new TextEncoder().encode(`---\n${artifact.verdictKey}: ${artifact.passes}\n---\n`);
  const asked: boolean[] = [];
  const run = (request: AgentRequest): Promise<AgentReply> => {
    asked.push(request.treeKill);
    mid.at('agent');
    return Promise.resolve({ result: ranWith(0, request), artifact: left, report: null, usage: null });
  };
  const clone = () => {
    mid.at('clone');
    return Promise.resolve({ dir: '/clone', dispose: () => Promise.resolve() });
  };
  const git = {
    fetch: () => {
      mid.at('fetch');
      return Promise.resolve({ headOid: HEAD, baseOid: BASE, headTree: TREE });
    },
    agentClone: clone,
    disposableClone: clone,
    heads: () => Promise.resolve(new Map([['feature/queue', NEW_HEAD]])),
  };
  const artifacts = { put: () => Promise.resolve('7'.repeat(64)), get: () => Promise.resolve(null) };
  const deps = { git, agents: { run }, hasher, artifacts } as unknown as AgentJobDeps;
  const outcome = await new AgentJobSaga(deps).run(mid.contextFor(storyOf(role, stage), project));
  return { type: outcome === 'abandoned' ? outcome : outcome.type, asked };
}

function storyOf(role: AgentRole, stage: Case[1]): Line {
  const off = stage === 'deploy-staging' ? [switches({ stagingRunner: false })] : [];
  return [policy(EVERY_AGENT), ...off, submittedAt(stage), claim(role)];
}

describe.each(ROLES)('%s', (...one) => {
  const each = MOMENTS.flatMap((moment) => SWITCH_NAMES.map((name) => [name, moment] as const));

  it.each(each)('goes on to its result when %s is set during its %s', async (name, moment) => {
    for (const enabled of [true, false]) {
      const { type, asked } = await doJob(one, moment, { [name]: enabled });
      expect({ type, starts: asked.length }).toEqual({ type: 'ReportAgentDone', starts: 1 });
    }
  });

  it('is ended whole, or not, as the switch is when it starts', async () => {
    const asked = async (moment: Moment) => (await doJob(one, moment, { subprocessTreeKill: false })).asked;
    expect([await asked('fetch'), await asked('clone'), await asked('agent')]).toEqual([[false], [false], [true]]);
  });
});
