import { TEST_FORMATS } from '../witness/test-report';
import { COVERAGE_FORMATS } from '../gates/coverage/coverage-report';
import { ON_SILENT_REVERT } from '../gates/revert/on-silent-revert';
import { FINDING_LEVELS } from '../gates/security/findings';
import {
  among,
  either,
  exactly,
  figure,
  flag,
  list,
  nullable,
  object,
  oneOf,
  optional,
  text,
  whole,
  type Members,
} from '../shape';
import { gateName, pipelineStage } from '../task/task.shapes';
import type { PolicyEvent } from './policy.events';
import { SHADOW_STAGES } from './project-policy';
import type {
  AgentPolicy,
  BackoffPolicy,
  BreakerPolicy,
  BudgetLimits,
  CiPolicy,
  CoveragePolicy,
  DeployPolicy,
  CommandCheck,
  ImagePolicy,
  ImageSource,
  JudgePolicy,
  LandingIdentity,
  MonitorPolicy,
  ProjectPolicy,
  RegistryImage,
  ReportPolicy,
  SecurityPolicy,
  SetupCachePolicy,
  SubmoduleSource,
  SuitePolicy,
  TextMarker,
  UrlCheck,
} from './project-policy';

const commandLine = either(text, list(text));
const fileWitness = object<Extract<SuitePolicy['witness'], { kind: 'file' }>>({ kind: exactly('file'), path: text });
const outputWitness = object<Extract<SuitePolicy['witness'], { kind: 'output' }>>({
  kind: exactly('output'),
  pattern: text,
});
const testsWitness = object<Extract<SuitePolicy['witness'], { kind: 'tests' }>>({
  kind: exactly('tests'),
  format: among(TEST_FORMATS),
  paths: list(text),
});
const witness = either(either(fileWitness, outputWitness), testsWitness);
const suiteMembers: Members<SuitePolicy> = {
  setup: nullable(commandLine),
  suite: commandLine,
  timeoutMs: whole,
  graceMs: whole,
  witness: nullable(witness),
  minIsolation: oneOf({ none: true, L0: true, L1: true, L2: true, L3: true }),
  isMinIsolationNamed: optional(exactly(true)),
  env: list(text),
  checkoutDepth: either(exactly('full'), whole),
  cache: optional(object<SetupCachePolicy>({ folders: list(text), key: list(text), maxBytes: whole })),
  minTests: optional(whole),
  onVanishedTests: optional(oneOf({ note: true, hold: true })),
  confirmRed: optional(exactly(true)),
};
const suite = object<SuitePolicy>(suiteMembers);
const report = {
  run: object<ReportPolicy['run']>({ ...suiteMembers, witness: fileWitness }),
  exitCodes: list(whole),
};
const security = object<SecurityPolicy>({
  ...report,
  level: nullable(among(FINDING_LEVELS)),
  severity: nullable(figure),
  findings: oneOf({ new: true, all: true }),
});
const coverage = object<CoveragePolicy>({
  ...report,
  format: among(['auto', ...COVERAGE_FORMATS]),
  floor: nullable(figure),
  tolerance: nullable(figure),
  changedLines: nullable(figure),
  sources: list(text),
});
const monitor = object<MonitorPolicy>({
  check: either(
    object<CommandCheck>({ kind: exactly('command'), command: commandLine, graceMs: whole, env: list(text) }),
    object<UrlCheck>({ kind: exactly('url'), url: text, expect: optional(list(whole)) }),
  ),
  everyMs: whole,
  forMs: whole,
  timeoutMs: whole,
  failures: whole,
});
const imageSource = either(
  either(
    object<Extract<ImageSource, { kind: 'layout' }>>({ kind: exactly('layout'), path: text }),
    object<Extract<ImageSource, { kind: 'report' }>>({ kind: exactly('report'), path: text }),
  ),
  object<RegistryImage>({ kind: exactly('registry'), image: text, credentials: nullable(text), isInsecure: flag }),
);
const image = object<ImagePolicy>({
  run: nullable(suite),
  exitCodes: list(whole),
  source: imageSource,
  maxAgeMs: nullable(whole),
});
const judge = object<JudgePolicy>({
  run: nullable(suite),
  exitCodes: list(whole),
  paths: list(text),
  ignore: list(text),
  protect: list(text),
});
const agent = optional(
  object<AgentPolicy>({ command: commandLine, timeoutMs: whole, graceMs: whole, brief: optional(text) }),
);

/** What the data of every event has to be, in its newest version. */
export const POLICY_EVENT_SHAPES: { readonly [T in PolicyEvent['type']]: Members<PolicyEvent['data']> } = {
  PolicyRecorded: {
    policy: object<ProjectPolicy>({
      project: text,
      repo: text,
      main: text,
      entryStages: list(pipelineStage),
      staging: suite,
      retest: suite,
      testing: optional(suite),
      shadow: optional(list(among(SHADOW_STAGES))),
      deploy: optional(
        object<DeployPolicy>({ command: commandLine, timeoutMs: whole, graceMs: whole, env: list(text) }),
      ),
      monitor: optional(monitor),
      agents: object<ProjectPolicy['agents']>({
        analyst: agent,
        architect: agent,
        developer: agent,
        reviewer: agent,
        tester: agent,
        deployer: agent,
      }),
      requiredGates: list(gateName),
      budgets: object<BudgetLimits>({
        developer: whole,
        agent: whole,
        infra: whole,
        crash: whole,
        landing: whole,
        flake: optional(whole),
      }),
      backoff: object<BackoffPolicy>({ baseMs: whole, maxMs: whole }),
      onInfraExhausted: oneOf({ hold: true, rollback: true }),
      onInconclusive: optional(oneOf({ hold: true, retry: true })),
      onSilentRevert: optional(among(ON_SILENT_REVERT)),
      revertWindow: optional(whole),
      committer: optional(object<NonNullable<LandingIdentity['committer']>>({ name: text, email: text })),
      signingKey: optional(text),
      security: optional(security),
      coverage: optional(coverage),
      image: optional(image),
      judge: optional(judge),
      submodules: optional(list(object<SubmoduleSource>({ url: text, from: text }))),
      breaker: optional(
        object<BreakerPolicy>({ windowMs: whole, minRuns: whole, rate: figure, unmovedMs: whole, cooldownMs: whole }),
      ),
      regressionMarkers: optional(list(object<TextMarker>({ task: text, file: text, text }))),
      ci: optional(
        object<CiPolicy>({
          requiredChecks: list(text),
          accept: optional(list(oneOf({ neutral: true, skipped: true }))),
        }),
      ),
    }),
    digest: text,
  },
};
