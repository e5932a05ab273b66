import type { JsonObject } from '../../json';
import type { SecurityPolicy } from '../../policy/project-policy';
import { fail, pass } from '../gate';
import { allPaths, citedOf, reportGate } from '../report-gate';

/** What check_security asks of a report; evidence cites it. */
export function askedOfSecurity({ level, severity, findings }: SecurityPolicy): JsonObject {
  return { findings, level, severity };
}

/** check_security: the scan of the candidate has no finding that is grave, unaccepted and, by default, new against main. */
export const securityGate = reportGate({
  gate: 'check_security',
  version: 2,
  policy: ({ security }) => security,
  asked: askedOfSecurity,
  judge: (evidence) => {
    const { failing } = evidence;
    if (typeof failing !== 'number') return null;
    if (failing === 0) return pass(citedOf(evidence, 'base', 'known', 'suppressed'));
    const which = evidence['base'] === null ? '' : 'new ';
    const what = `${failing} ${which}${failing === 1 ? 'finding' : 'findings'} of the security scan`;
    const { seen = [], output = null } = evidence;
    return fail(what, { ...citedOf(evidence, 'base'), failing, seen, output }, allPaths(evidence));
  },
});
