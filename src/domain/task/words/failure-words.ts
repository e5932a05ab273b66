import { unreachable } from '../../fact';
import { isAboutChange, MARKER_LOST } from '../changes/failure';
import { jobName } from '../job';
import { JOBS } from '../job-table';
import { whatWasSeen, whereSeen } from './seen-words';
import type { Failure } from '../task.state';

interface Words {
  /** Goes after "its suite:", say. */
  readonly says: string;
  /** What a person does about the cause. */
  readonly cure: string;
}

const PROGRAM = 'install the program where the service runs, or correct the command or its PATH';
const REPOSITORY = 'correct `repo` of the project, or bring the repository back';
const REPORT = 'look at what the command writes, and correct it';
const LOOK = 'look at what is quoted, and at the log of the service';

const REFUSED_FOR_GOOD: Words = {
  says: 'the event store refuses its result for good',
  cure: 'report it: a fault of the program',
};

/** Reasons of the process runner, of git and of the jobs. What is not in here is told by its own name. */
const WORDS: Readonly<Record<string, Words>> = {
  command_not_found: { says: 'the program was not found', cure: PROGRAM },
  not_executable: {
    says: 'the program cannot be executed',
    cure: 'make the program executable, or correct the command',
  },
  cwd_missing: { says: 'the folder to run in is gone', cure: 'find out what removes the folders of runs' },
  bad_spec: { says: 'the command line cannot be started', cure: 'shorten or correct the command' },
  resource_exhausted: {
    says: 'the machine had no process, memory or space left',
    cure: 'free some, or raise the limits',
  },
  isolation_too_weak: {
    says: 'the machine isolates less than the project demands',
    cure: 'raise the level of the machine (`stagegate doctor` says how), or lower `minIsolation`',
  },
  isolation_unavailable: { says: 'the machine cannot isolate the run', cure: 'see `stagegate doctor`' },
  timeout: { says: 'the time was up', cure: 'find out what hangs, or raise the timeout' },
  timeout_starved: {
    says: 'the time was up while other processes had the machine',
    cure: 'give the machine less to do at once, or raise the timeout',
  },
  oom_killed: {
    says: 'the kernel ended it for want of memory',
    cure: 'give the machine more memory or less to do at once',
  },
  killed_externally: {
    says: 'a signal from outside ended it',
    cure: 'find out who ends it: a limit, a person, the system',
  },
  no_tests_ran: { says: 'no proof of a test run was found', cure: 'correct the suite, or `witness` of the project' },
  exit_code_lost: {
    says: 'the suite ended with 0, and what it printed or left says that tests failed',
    cure: 'let the command pass its exit code on (in bash `set -o pipefail`); `minTests: 0` stops the comparison',
  },
  suite_interrupted: {
    says: 'the suite was interrupted from outside',
    cure: 'find out who ends it: a limit, a person, the system',
  },
  suite_broke: { says: 'the test tool itself failed', cure: 'look at the output of the run, and at its plugins' },
  suite_usage: {
    says: 'the command of the suite does not fit what is on the branch, so nothing ran',
    cure: 'correct the command in the project file, or the branch',
  },
  suite_timeout: {
    says: 'the test tool ended itself at its own limit',
    cure: 'find out what hangs, or raise the limit of the tool',
  },
  dependency_down: {
    says: 'the network, or a server that it needs, did not answer',
    cure: 'look at the network, the proxy and the registry that is quoted',
  },
  setup_locked: { says: 'somebody else holds a lock that the set-up needs', cure: 'end whoever holds what is quoted' },
  unknown: { says: 'no rule knows what this means', cure: LOOK },
  no_report: {
    says: 'it left no report',
    cure: 'correct the command, or `report` or `layout` of its block in the project file',
  },
  report_unreadable: { says: 'its report is no plain file that can be read', cure: REPORT },
  report_malformed: { says: 'its report is not what its format asks for', cure: REPORT },
  tool_failed: {
    says: 'its exit code says that it could not do its work',
    cure: 'correct the command, or name the exit code in `exitCodes` where it only means that something was found',
  },
  tool_reported_failure: {
    says: 'its report says that it could not do its work',
    cure: 'put right what the tool says',
  },
  report_mismatch: {
    says: 'its report is not about the files of the commit',
    cure: 'have the command measure what is missing, or say in `sources` of the project which files count',
  },
  nothing_measured: {
    says: 'its report has nothing that was measured',
    cure: 'have the command run the tests and measure them',
  },
  no_image: {
    says: 'the registry has no such image',
    cure: 'let whoever builds it push it under that name, or correct `image.registry`',
  },
  image_undated: {
    says: 'the image does not tell when it was built',
    cure: 'let the build write a date, or take `image.maxAge` out',
  },
  registry_down: {
    says: 'the registry did not answer',
    cure: 'look at the network and at the registry that is quoted',
  },
  registry_refused: {
    says: 'the registry does not let us in',
    cure: 'correct `image.credentials` and its variable, or `image.registry`',
  },
  registry_unsafe: {
    says: 'the registry led to where nobody may be asked',
    cure: 'look at who answers for the registry, at its redirects and its token service',
  },
  registry_malformed: {
    says: 'the registry answered what no registry answers',
    cure: 'correct `image.registry`, or look at what stands in between, such as a proxy',
  },
  setup_failed: { says: 'the set-up failed', cure: 'correct `setup`, or what it needs from the machine' },
  orchestrator_crash: { says: 'the service ended while it ran', cure: LOOK },
  internal: { says: 'stagegate has made a mistake', cure: 'report what is quoted' },
  aborted: { says: 'it was told to stop', cure: LOOK },
  inconclusive: {
    says: 'the suite was red and green on the same tree',
    cure: 'compare the two logs: what differs is no matter of the branch, most often a test that depends on chance',
  },
  deadline: { says: 'the job took longer than all its parts may take', cure: LOOK },
  GIT_BRANCH_MISSING: { says: 'the branch is not there', cure: 'push the branch again, or cancel the task' },
  GIT_MAIN_MISSING: { says: 'the repository has no main as configured', cure: 'correct `main` of the project' },
  GIT_NOT_A_REPOSITORY: { says: 'the repository is not there', cure: REPOSITORY },
  GIT_UNSUPPORTED: { says: 'the run would lack files that the commit needs', cure: 'do what is quoted' },
  GIT_BRANCH_UNUSABLE: { says: 'git cannot work with what is on the branch', cure: 'correct the branch' },
  GIT_MAIN_UNUSABLE: { says: 'git cannot work with what is on main', cure: 'correct main' },
  GIT_CLONE_DAMAGED: {
    says: "the service's own clone was damaged",
    cure: 'look at the disk, and at who writes below `repos/`',
  },
  GIT_LANDED_BEFORE: {
    says: 'the repository has a landing of this task already',
    cure: 'submit the change under another id',
  },
  GIT_FILES_IN_THE_WAY: {
    says: 'changes in the work tree of main are in its way',
    cure: 'commit, stash or move what is quoted',
  },
  ARTIFACT_LOST: {
    says: 'neither an artifact nor its content is there',
    cure: 'restore `artifacts/` from a backup',
  },
  ARTIFACT_WRITE_FAILED: {
    says: 'an artifact could not be written',
    cure: 'look at the disk and the permissions of `artifacts/`',
  },
  ARTIFACT_READ_FAILED: {
    says: 'an artifact could not be read',
    cure: 'look at the disk and the permissions of `artifacts/`',
  },
  AGENT_FOLDER_FAILED: {
    says: 'the folder of the agent could not be made',
    cure: 'look at the disk of the state folder',
  },
  GIT_SIGNING_FAILED: { says: 'what is to land could not be signed', cure: 'correct `signingKey` of the project' },
  GIT_LOCKED: {
    says: 'a ref or the work tree of main stays locked',
    cure: 'end what is quoted, or remove the `.lock` file that no process owns',
  },
  GIT_OUTCOME_UNKNOWN: {
    says: 'git did not tell whether the landing took place',
    cure: 'put right what git says',
  },
  PROBE_NO_NAME: {
    says: 'the name in the URL of the monitor could not be looked up from here',
    cure: 'correct `monitor.url`, or the name service of this machine',
  },
  PROBE_NO_ROUTE: {
    says: 'this machine has no route to what the monitor asks',
    cure: 'put right the network of this machine',
  },
  PROBE_FAILED: { says: 'this machine could not ask', cure: 'put right what is quoted' },
  GIT_TIMEOUT: { says: 'a git command did not end in time', cure: 'look at the disk of the repository' },
  STORE_INVALID_EVENT: REFUSED_FOR_GOOD,
  STORE_EVENT_TOO_LARGE: REFUSED_FOR_GOOD,
  STORE_EVENT_ID_REUSED: REFUSED_FOR_GOOD,
  GIT_FAILED: { says: 'git said no', cure: 'put right what git says' },
};

/** Why a suite that ended well is no green all the same. */
const UNWITNESSED: Readonly<Record<string, Words>> = {
  no_tests_ran: {
    says: 'the suite ended without having run a test',
    cure: 'bring the tests back, or correct the command that runs them',
  },
  no_test_report: {
    says: 'the suite left no report of its tests, which the project demands',
    cure: 'let the suite write it, or correct `witness` of the project',
  },
  tests_vanished: {
    says: 'the change no longer runs tests that main runs',
    cure: 'bring them back, or say that they may go',
  },
  too_few_tests: {
    says: 'the suite ran fewer tests than the project demands',
    cure: 'bring the tests back, or correct `minTests` of the project',
  },
};

/** Why a branch and main do not come together, where it is not for what both have changed. */
const CONFLICTS: Readonly<Record<string, string>> = {
  'unrelated-history': 'the branch has no commit in common with main',
  'unusable-branch': 'git cannot work with what is on the branch',
};

/** What failed, without the figures: `merge-gate: the re-test after the rebase was red`. */
export function causeOf(failure: Failure): string {
  return `${jobName(failure.job)}: ${says(failure)}`;
}

/**
 * All of it in one line, with what was seen: `merge-gate: git said no (tool-error, 2 tries): git fetch in …: fatal: …`,
 * `merge-gate: the branch conflicts with main in a.ts, b.ts (conflict)`.
 */
export function failureText(failure: Failure): string {
  const { exitCode, program } = failure;
  const facts = [
    failure.class,
    ...(program === null ? [] : [`program ${program}`]),
    ...(exitCode === null ? [] : [`exit code ${exitCode}`]),
    ...(isWorthCounting(failure) ? [countOf(failure.tries)] : []),
  ];
  return `${causeOf(failure)}${whereSeen(failure)} (${facts.join(', ')})${whatWasSeen(failure)}`;
}

/** What a person does about the cause before the task goes on. */
export function cureOf(failure: Failure): string {
  switch (failure.class) {
    case 'red':
    case 'conflict':
    case 'refused':
      return 'correct the branch';
    case 'agent-error':
      return 'see what the agent printed, and correct its command';
    case 'crash':
      return 'find out in the log of the service what ends it';
    case 'landing-lost':
      return 'find out who moves main past the lane, or what interrupts the landings';
    case 'not-executed':
      return UNWITNESSED[failure.reason]?.cure ?? LOOK;
    default:
      return WORDS[failure.reason]?.cure ?? LOOK;
  }
}

/** A single finding about a change is no try among others. */
export function isWorthCounting(failure: Failure): boolean {
  return failure.tries > 1 || !isAboutChange(failure);
}

function says({ job, class: kind, reason }: Failure): string {
  switch (kind) {
    case 'red':
      if (reason === MARKER_LOST) return 'the change would take out what main has to keep';
      return JOBS[job.kind].red;
    case 'conflict':
      return CONFLICTS[reason] ?? 'the branch conflicts with main';
    case 'refused':
      return `the answer was ${reason}`;
    case 'agent-error':
      return `it ended without a valid result: ${reason}`;
    case 'crash':
      return reason === 'deadline' ? 'its time was up and nobody answered' : 'its worker died';
    case 'landing-lost':
      return `it did not take place: ${reason}`;
    case 'not-executed':
      return UNWITNESSED[reason]?.says ?? reason;
    case 'timeout':
    case 'lock-busy':
    case 'tool-error':
    case 'dependency-down':
    case 'stale':
    case 'inconclusive':
    case 'other':
      return WORDS[reason]?.says ?? reason;
    default:
      return unreachable(kind);
  }
}

function countOf(tries: number): string {
  return tries === 1 ? '1 try' : `${tries} tries`;
}
