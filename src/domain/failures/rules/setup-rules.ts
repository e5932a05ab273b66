import type { FailureRule } from '../failure-rule';
import { KILLED, NETWORK, NO_SPACE, SERVER_ERROR } from './line-patterns';

const SETUP = { steps: ['setup'], reasons: [null], failed: true } as const;

/** A set-up that ended by itself. It says nothing about the change, so a word suffices to tell what it lacked. */
export const SETUP_RULES: readonly FailureRule[] = [
  {
    id: 'setup-lock',
    version: 1,
    class: 'lock-busy',
    reason: 'setup_locked',
    retryable: true,
    when: {
      ...SETUP,
      says: /^E: Could not get lock \/|^E: Unable to (?:acquire the dpkg frontend lock|lock directory)|Unable to create '[^']{1,300}\.lock': File exists/,
    },
    why: 'somebody else holds a lock that the set-up needs',
    source: 'https://manpages.debian.org/apt-get',
  },
  {
    id: 'setup-disk',
    version: 1,
    class: 'tool-error',
    reason: 'resource_exhausted',
    retryable: true,
    when: { ...SETUP, says: NO_SPACE },
    why: 'the set-up found no space left',
  },
  {
    id: 'setup-memory',
    version: 1,
    class: 'tool-error',
    reason: 'oom_killed',
    retryable: true,
    when: { ...SETUP, isOomKilled: true, says: KILLED },
    why: 'the kernel ended a process of the set-up for want of memory, as its cgroup says',
  },
  {
    id: 'setup-network',
    version: 1,
    class: 'dependency-down',
    reason: 'dependency_down',
    retryable: true,
    when: { ...SETUP, says: NETWORK },
    why: 'the set-up says that it could not reach something over the network',
  },
  {
    id: 'setup-server',
    version: 1,
    class: 'dependency-down',
    reason: 'dependency_down',
    retryable: true,
    when: { ...SETUP, says: SERVER_ERROR },
    why: 'a server that the set-up needs answered that it cannot serve now',
  },
  {
    id: 'setup-failed',
    version: 1,
    class: 'tool-error',
    reason: 'setup_failed',
    retryable: true,
    when: SETUP,
    why: 'the set-up failed, which says nothing about the change',
  },
];
