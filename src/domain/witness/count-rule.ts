/** What a number on a line stands for. `total` includes the skipped ones. */
export type Member = 'passed' | 'failed' | 'skipped' | 'total';

/**
 * A rule that reads counts off one line of a test runner's output. Rules are data: every line is offered to each of them, the first
 * that matches decides. Patterns are anchored and repeat nothing that repeats, so their work is bounded by the line.
 */
export interface CountRule {
  readonly id: string;
  /** Raised when the rule counts anything differently, so that history says under which rule it was counted. */
  readonly version: number;
  readonly runner: string;
  /** Named groups of members are numbers, also with a digit behind (`failed2`), which are added up. */
  readonly says: RegExp;
  /** In group `list`: `2 passed, 1 failed`. */
  readonly words?: Readonly<Record<string, Member>>;
  /** In group `list`: `Tests: 3, Failures: 1`. */
  readonly labels?: Readonly<Record<string, Member>>;
  /** In group `verb`: the line tells of one test, and how it ended. */
  readonly verbs?: Readonly<Record<string, Member>>;
  /** What a line without numbers says. */
  readonly counts?: Readonly<Partial<Record<Member, number>>>;
  /** The first line of a summary: what was counted for the runner before is a summary of its own. */
  readonly begins?: true;
  /** Part of a summary that another line has begun; anywhere else it means nothing. */
  readonly within?: true;
  /** The last line of a summary. */
  readonly ends?: true;
  /** Says again what single lines have said: those count no more. */
  readonly restates?: true;
  /** Counts only where no single line was counted for the summary. */
  readonly alone?: true;
  /** Runners whose open summary says the same in its own way. */
  readonly supersedes?: readonly string[];
  /** Where the runner documents the line. */
  readonly source: string;
}
