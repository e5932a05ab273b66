/** One way in which a candidate can undo what has landed. */
export type RevertRuleId =
  'old-content' | 'deleted-file' | 'lost-file' | 'lost-lines' | 'mode' | 'rename' | 'whole-landing';

export interface RevertRule {
  readonly id: RevertRuleId;
  /** Raised when it decides anything differently. */
  readonly version: number;
  /** What it says of a file; the middle of a sentence. */
  readonly says: string;
  readonly meaning: string;
  readonly limits: string;
}

/** Every rule, in the order in which they are named where several fit. */
export const REVERT_RULES: readonly RevertRule[] = [
  {
    id: 'whole-landing',
    version: 1,
    says: 'everything that the commit did is undone',
    meaning:
      'Everything that one commit of main did, in all of its files, is undone, and the change does more than that.',
    limits: 'A commit of which any file stays as it is does not count as undone as a whole.',
  },
  {
    id: 'old-content',
    version: 1,
    says: 'has the content again that it had before',
    meaning: 'A file has exactly the content that main had at that path before, and has left.',
    limits:
      'Only whole files; one that the branch edits as well is for lost-lines. Content that differs in spaces alone does not count.',
  },
  {
    id: 'deleted-file',
    version: 1,
    says: 'is back, although main has deleted it',
    meaning: 'A file that main has deleted is back with a content that it had there.',
    limits: 'A file that comes back with another content is a new one.',
  },
  {
    id: 'lost-file',
    version: 1,
    says: 'is gone, although main has just got it',
    meaning:
      'A file is gone that main got after the branch was cut. Before that, it counts only where everything else that its commit did is undone, too.',
    limits: 'A file whose lines stand elsewhere in the change was moved.',
  },
  {
    id: 'lost-lines',
    version: 2,
    says: 'has lost lines that have landed',
    meaning:
      'A change of lines that landed is turned round: what it put in is gone, what it took out is back. So are changes that built on each other, and a fix that stays behind where the lines around it move.',
    limits:
      'Lines that the branch edits further are not lost. Lines without letters or digits, and changes of spaces, do not count. Of lock files only the whole content counts.',
  },
  {
    id: 'mode',
    version: 1,
    says: 'has the mode again that it had before',
    meaning: 'A file that main made executable, or the other way round, has its former mode again.',
    limits: 'Only the bit that git keeps.',
  },
  {
    id: 'rename',
    version: 1,
    says: 'has the name again that it had before',
    meaning: 'A file that main has renamed has its former name again.',
    limits: 'Found where git finds a rename: at least half of the content is the same.',
  },
];
