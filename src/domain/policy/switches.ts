import { forEvery } from '../for-every';

/** Mechanisms that can be switched off. */
export type SwitchName =
  | 'stagingRunner'
  | 'testRunner'
  | 'mergeRetestSkipWhenCurrent'
  | 'mergeInfraRetry'
  | 'confirmRed'
  | 'deployFinalizer'
  | 'postDeployMonitor'
  | 'laneBreaker'
  | 'transitionLease'
  | 'subprocessTreeKill';

/** What is on, for one project, at this moment. */
export type Switches = Readonly<Record<SwitchName, boolean>>;

export interface SwitchRow {
  /** Its variables are `STAGEGATE_<variable>_ENABLED` and `STAGEGATE_<variable>_PROJECTS`. */
  readonly variable: string;
  /** What it does when it is on, and what is so when it is off. */
  readonly description: string;
  /** The same in the project file, in short. */
  readonly inProject: string;
}

/** Every switch. Configuration, project file, their documentation and `/queue` read them here; all are on by default. */
export const SWITCHES: Readonly<Record<SwitchName, SwitchRow>> = {
  stagingRunner: {
    variable: 'STAGING_RUNNER',
    description:
      'Run staging suites in the service. Off: the `deployer` agent does it, or the task waits for a person.',
    inProject: 'Run staging suites in the service.',
  },
  testRunner: {
    variable: 'TEST_RUNNER',
    description:
      'Run the suite of `testing` in the service, where a project has one. Off: the `tester` agent does it, or the task waits for a person.',
    inProject: 'Run the suite of `testing` in the service.',
  },
  mergeRetestSkipWhenCurrent: {
    variable: 'MERGE_RETEST_SKIP_WHEN_CURRENT',
    description: 'Skip the re-test when the very same tree is proven green already. Off: always test again.',
    inProject: 'Skip a re-test that is proven needless.',
  },
  mergeInfraRetry: {
    variable: 'MERGE_INFRA_RETRY',
    description:
      'Retry the merge gate after infrastructure failures. Off: the first one holds the task; it never counts as red.',
    inProject: 'Retry the merge gate after infrastructure failures.',
  },
  confirmRed: {
    variable: 'MERGE_CONFIRM_RED',
    description:
      'Run a red re-test once more on the same tree before it counts: red and green on one tree say nothing about the change. Off: a single red sends the task back.',
    inProject: 'Run a red re-test once more before it counts.',
  },
  deployFinalizer: {
    variable: 'DEPLOY_FINALIZER',
    description: 'Run the deploy command of a project once a task has landed. Off: the landed task waits for a person.',
    inProject: 'Run the deploy command once a task has landed.',
  },
  postDeployMonitor: {
    variable: 'POST_DEPLOY_MONITOR',
    description:
      'Watch what has been deployed, where a project has a monitor. Off: the deployed task waits for a person.',
    inProject: 'Watch what has been deployed, where the project has a monitor.',
  },
  laneBreaker: {
    variable: 'LANE_BREAKER',
    description:
      'Pause the lane of a project whose runs there keep failing by infrastructure. Off: it goes on, and a lane that is paused is resumed.',
    inProject: 'Pause the lane while runs there keep failing by infrastructure.',
  },
  transitionLease: {
    variable: 'TRANSITION_LEASE',
    description:
      'Refuse the result of a worker whose claim was taken away. Off: it is let through and flagged; landings are fenced all the same.',
    inProject: 'Refuse the results of workers whose claims were taken away.',
  },
  subprocessTreeKill: {
    variable: 'SUBPROCESS_TREE_KILL',
    description:
      'End every process a run started. Off: the direct child alone is killed, and a project that names a `minIsolation` above `none` gets a tool error.',
    inProject: 'End every process a run started.',
  },
};

export const SWITCH_NAMES = Object.keys(SWITCHES) as readonly SwitchName[];

export function isSwitchName(name: string): name is SwitchName {
  return (SWITCH_NAMES as readonly string[]).includes(name);
}

/** One value for each switch, in the order of the table. */
export function forEverySwitch<T>(value: (name: SwitchName) => T): Readonly<Record<SwitchName, T>> {
  return forEvery(SWITCH_NAMES, value);
}
