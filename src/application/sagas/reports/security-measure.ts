import { askedOfSecurity } from '../../../domain/gates/security/security.gate';
import {
  findingLine,
  needsMain,
  securityFacts,
  securityOutcome,
} from '../../../domain/gates/security/security-evidence';
import type { SecurityReport } from '../../../domain/gates/security/findings';
import { renderFindings } from '../../../domain/gates/security/findings-page';
import type { SecurityPolicy } from '../../../domain/policy/project-policy';
import { atWitness, SEEN_LINES, type Measure } from './measure';

export const SECURITY: Measure<SecurityPolicy, SecurityReport, null> = {
  policy: ({ security }) => security,
  asked: askedOfSecurity,
  ground: () => Promise.resolve(null),
  source: atWitness,
  parse: (reader, text) => reader.security(text),
  needsMain,
  facts: ({ judged, policy, report, base }) => {
    const outcome = securityOutcome(report, base, policy);
    const { failing } = outcome;
    return {
      data: securityFacts(report, outcome),
      seen: failing.slice(0, SEEN_LINES).map(findingLine),
      details: failing.length === 0 ? null : renderFindings(judged, outcome),
    };
  },
};
