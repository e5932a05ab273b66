import type { CoverageFormat, CoverageReport } from '../../domain/gates/coverage/coverage-report';
import type { ImageReport } from '../../domain/gates/image/images';
import type { InfraClass } from '../../domain/merge/failure-class';
import type { TestFormat, TestReport } from '../../domain/witness/test-report';
import type { SecurityReport } from '../../domain/gates/security/findings';

/** Of one report. What is larger is no report that anybody reads. */
export const MOST_REPORT_BYTES = 16 * 1024 * 1024;

/** Why a run of a command that leaves a report does not count, beside the reasons of the runner. */
export const REPORT_REASONS = [
  'no_report',
  'report_unreadable',
  'report_malformed',
  'tool_failed',
  'tool_reported_failure',
  'report_mismatch',
  'nothing_measured',
  'no_image',
  'image_undated',
  'registry_down',
  'registry_refused',
  'registry_unsafe',
  'registry_malformed',
] as const;
export type ReportReason = (typeof REPORT_REASONS)[number];

/** Why what a command has left is no report: the infra path, which says nothing about the change. */
export interface ReportFault {
  readonly kind: 'fault';
  readonly reason: ReportReason;
  /** `tool-error` where it is left out. */
  readonly failureClass?: InfraClass;
  /** Whether waiting may help; it may where that is left out. */
  readonly retryable?: boolean;
  /** What was expected, and what was seen; a line each. */
  readonly evidence: readonly string[];
}

export type Parsed<R> = { readonly kind: 'read'; readonly report: R } | ReportFault;

/**
 * Reads what commands have left. Their reports are input from outside: bounded in bytes, depth and number, and believed only
 * where they are whole. Nothing here rejects for what a report holds.
 */
export abstract class ReportReader {
  /**
   * The text of a report: a plain file inside the folder with one name, reached by no link, of UTF-8 and within the bound.
   *
   * @param path relative to the folder.
   */
  abstract file(folder: string, path: string): Promise<{ readonly kind: 'read'; readonly text: string } | ReportFault>;
  /** SARIF 2.1.0, with any number of runs. */
  abstract security(text: string): Parsed<SecurityReport>;
  /** A coverage report; `auto`: of whichever format it looks like. */
  abstract coverage(text: string, format: CoverageFormat | 'auto'): Parsed<CoverageReport>;
  /**
   * All test reports that patterns name inside the folder, together: plain files, reached by no link, bounded in number and size.
   * Where one of them is not whole, nothing is known.
   */
  abstract tests(
    folder: string,
    format: TestFormat,
    patterns: readonly string[],
  ): Promise<{ readonly kind: 'read'; readonly report: TestReport } | ReportFault>;
  /** What a command tells of images, and what `layout` and registries tell. */
  abstract images(text: string): Parsed<ImageReport>;
  /**
   * An OCI image layout: every part is a plain file inside the folder, and has the bytes that its digest names.
   *
   * @param path relative to the folder.
   * @returns what `images` reads.
   */
  abstract layout(
    folder: string,
    path: string,
  ): Promise<{ readonly kind: 'read'; readonly text: string } | ReportFault>;
}
