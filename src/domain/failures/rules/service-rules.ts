import type { FailureRule } from '../failure-rule';
import { NETWORK, SERVER_ERROR } from './line-patterns';

const SERVICE = ['service'] as const;

/** Waiting does not bring these back; a person does. */
const FOR_A_PERSON = [
  'GIT_BRANCH_MISSING',
  'GIT_MAIN_MISSING',
  'GIT_NOT_A_REPOSITORY',
  'GIT_UNSUPPORTED',
  'GIT_LANDED_BEFORE',
  'GIT_FILES_IN_THE_WAY',
  'GIT_BRANCH_UNUSABLE',
  'GIT_MAIN_UNUSABLE',
  'GIT_SIGNING_FAILED',
];
/** The event store will never take it. */
const REFUSED = ['STORE_INVALID_EVENT', 'STORE_EVENT_TOO_LARGE', 'STORE_EVENT_ID_REUSED'];

const rule = (id: string, when: FailureRule['when'], why: string, more: Partial<FailureRule> = {}): FailureRule => ({
  id,
  version: 1,
  class: 'tool-error',
  reason: null,
  retryable: true,
  when: { steps: SERVICE, ...when },
  why,
  ...more,
});

/** What git, the artifacts and the event store say by their codes, when stagegate itself works with them. */
export const SERVICE_RULES: readonly FailureRule[] = [
  rule('git-locked', { reasons: ['GIT_LOCKED'] }, 'git found a lock that somebody else holds', { class: 'lock-busy' }),
  rule('git-timeout', { reasons: ['GIT_TIMEOUT'] }, 'a git command was ended at its limit', { class: 'timeout' }),
  rule('git-for-a-person', { reasons: FOR_A_PERSON }, 'git needs something that only a person can put right', {
    retryable: false,
  }),
  rule(
    'git-network',
    { reasons: ['GIT_FAILED'], says: new RegExp(`${NETWORK.source}|${SERVER_ERROR.source}`) },
    'git could not reach a repository over the network',
    { class: 'dependency-down' },
  ),
  rule('git-failed', { reasonStartsWith: 'GIT_' }, 'a git command said no, and it was not about the branch'),
  rule('store-refused', { reasons: REFUSED }, 'the event store refuses the result for good', { retryable: false }),
  rule('store-away', { reasons: ['STORE_UNAVAILABLE', 'STORE_OUTCOME_UNKNOWN'] }, 'the event store did not answer', {
    class: 'dependency-down',
  }),
  rule('store-failed', { reasonStartsWith: 'STORE_' }, 'the event store could not be used'),
  rule(
    'probe-away',
    { reasons: ['PROBE_NO_NAME', 'PROBE_NO_ROUTE'] },
    'this machine knows no way to what was to be asked',
    {
      class: 'dependency-down',
    },
  ),
  rule(
    'probe-failed',
    { reasonStartsWith: 'PROBE_' },
    'this machine could not ask, and nothing was learned of what it asks',
  ),
  rule('artifact-failed', { reasonStartsWith: 'ARTIFACT_' }, 'an artifact could not be written or read'),
  rule('agent-folder-failed', { reasonStartsWith: 'AGENT_' }, 'the folder of an agent could not be made'),
];
