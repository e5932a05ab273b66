import type { RevertRuleId } from '../gates/revert/revert-rules';
import type { Oid } from '../ids';
import type { Instant } from '../instant';

/** A commit on the first-parent line of a branch: what one landing made of it, whoever or whatever landed it. */
export interface Landing {
  readonly oid: Oid;
  /** The first one is the branch as it was before. */
  readonly parents: readonly Oid[];
  readonly treeOid: Oid;
  readonly author: string;
  /** When it was committed; null where the commit does not say. */
  readonly at: Instant | null;
  readonly subject: string;
}

/** What may be wrong with a merge commit itself, beside what the rules of silent reverts find. */
export type MergeRuleId = 'merge-lost-main' | 'merge-lost-branch' | 'merge-edited';

export interface MergeRule {
  readonly id: MergeRuleId;
  /** Raised when it decides anything differently. */
  readonly version: number;
  /** What it says of a file; the middle of a sentence. */
  readonly says: string;
  readonly meaning: string;
  readonly limits: string;
}

export const MERGE_RULES: Readonly<Record<MergeRuleId, MergeRule>> = {
  'merge-lost-main': {
    id: 'merge-lost-main',
    version: 1,
    says: "has the branch's content; main's change of it is gone",
    meaning:
      "Git merges the file without a conflict, and the merge commit has the branch's version of it: what main had changed is lost.",
    limits: 'A file in conflict is not looked at: how a person resolved it may be right.',
  },
  'merge-lost-branch': {
    id: 'merge-lost-branch',
    version: 1,
    says: "has main's content; the branch's change of it is not in it",
    meaning:
      "Git merges the file without a conflict, and the merge commit has main's version of it: the branch's change did not land.",
    limits: 'Merges that take nothing on purpose (`-s ours`) look the same.',
  },
  'merge-edited': {
    id: 'merge-edited',
    version: 1,
    says: 'has content that neither side brings and git would not merge',
    meaning:
      'The whole merge is without a conflict, and the merge commit has something else in the file than git makes of the two sides.',
    limits: 'Not where any file of the merge was in conflict: its resolution may have to change others.',
  },
};

/** A file that a landing did something to which it does not say. */
export interface LandingFinding {
  readonly rule: RevertRuleId | MergeRuleId;
  readonly path: string;
  /** Commits whose change is undone, newest first; none where the merge itself is what differs. */
  readonly undone: readonly UndoneCommit[];
  /** With their signs, as a diff has them. */
  readonly lines: readonly string[];
}

export interface UndoneCommit {
  readonly oid: Oid;
  readonly author: string;
  readonly at: string;
  readonly subject: string;
}

/**
 * How the tree of a landing came about. `clean`: a merge that git makes without help. `by-hand`: a merge with conflicts.
 * `commit`: one parent, as squashes, rebases and direct pushes have. `octopus`: more than two parents, which nobody recomputes. `root`: the
 * first commit of all.
 */
export type LandingKind = 'clean' | 'by-hand' | 'commit' | 'octopus' | 'root';

/** What is known of one landing by now. */
export interface ExaminedLanding {
  readonly landing: Landing;
  readonly kind: LandingKind;
  readonly findings: readonly LandingFinding[];
  /** Commits that it reverts and says so, or does nothing but that. */
  readonly announced: readonly Oid[];
  /** Why it could not be looked at; null where it was. */
  readonly unread: string | null;
}
