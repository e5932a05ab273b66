import type { JsonObject } from '../../json';
import type { SecurityPolicy } from '../../policy/project-policy';
import { fail, pass } from '../gate';
import { reportGate } from '../report-gate';

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
    const { failing, known, suppressed } = evidence;
    if (typeof failing !== 'number') return null;
    if (failing === 0) return pass({ ...cited(evidence), known: known ?? null, suppressed: suppressed ?? null });
    const which = evidence['base'] === null ? '' : 'new ';
    const what = `${failing} ${which}${failing === 1 ? 'finding' : 'findings'} of the security scan`;
    const { seen = [], output = null } = evidence;
    return fail(what, { ...cited(evidence), failing, seen, output }, allPaths(evidence));
  },
});

/** None where a finding has no file, or where there are more files than the evidence names. */
function allPaths({ paths, pathCount }: JsonObject): readonly string[] {
  const named = Array.isArray(paths) ? paths.filter((path) => typeof path === 'string' && path !== '') : [];
  return named.length === pathCount ? (named as readonly string[]) : [];
}

/** What the answer rests on. */
function cited({ asked, base, report }: JsonObject): JsonObject {
  return { asked: asked ?? null, base: base ?? null, report: report ?? null };
}
