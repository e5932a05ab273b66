import type { Fact } from '../fact';
import type { Digest } from '../ids';
import type { ProjectPolicy } from './project-policy';

/** What a project's operator decided, as one value; every verdict cites its digest. */
export type PolicyEvent = Fact<'PolicyRecorded', { policy: ProjectPolicy; digest: Digest }>;

export const POLICY_EVENT_VERSIONS: Readonly<Record<PolicyEvent['type'], number>> = Object.freeze({
  PolicyRecorded: 1,
});
