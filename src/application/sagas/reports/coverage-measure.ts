import { coverageFacts, seenLines } from '../../../domain/gates/coverage/coverage-evidence';
import {
  coverageOutcome,
  isFault,
  needsMainsCoverage,
  type CoverageGround,
} from '../../../domain/gates/coverage/coverage-outcome';
import { renderCoverage } from '../../../domain/gates/coverage/coverage-page';
import type { CoverageReport } from '../../../domain/gates/coverage/coverage-report';
import { askedOfCoverage } from '../../../domain/gates/coverage/coverage.gate';
import { brokenRules } from '../../../domain/gates/coverage/figures';
import type { CoveragePolicy } from '../../../domain/policy/project-policy';
import type { GitWorkspace, RepositoryRef } from '../../ports/git-workspace';
import { atWitness, SEEN_LINES, type Judged, type Measure } from './measure';

export const COVERAGE: Measure<CoveragePolicy, CoverageReport, CoverageGround> = {
  policy: ({ coverage }) => coverage,
  asked: askedOfCoverage,
  ground: groundOf,
  source: atWitness,
  parse: (reader, text, { format }) => reader.coverage(text, format),
  needsMain: needsMainsCoverage,
  facts: ({ judged, policy, report, base, ground }) => {
    const { floor, tolerance, changedLines, sources, run } = policy;
    const asked = { floor, tolerance, changedLines, sources, reportPath: run.witness.path };
    const outcome = coverageOutcome({ report, base }, ground, asked);
    if (isFault(outcome)) return { kind: 'fault', reason: outcome.reason, evidence: [outcome.evidence] };
    const isBroken = brokenRules(outcome.figures, asked).length > 0;
    return {
      data: coverageFacts(outcome),
      seen: seenLines(outcome, asked, SEEN_LINES),
      details: isBroken ? renderCoverage(judged, outcome, asked) : null,
    };
  },
};

async function groundOf(
  git: GitWorkspace,
  repository: RepositoryRef,
  { newOid, baseOid }: Judged,
): Promise<CoverageGround> {
  return {
    changed: await git.changedLines(repository, { from: baseOid, to: newOid }),
    files: await git.filePaths(repository, newOid),
    filesOfMain: await git.filePaths(repository, baseOid),
  };
}
