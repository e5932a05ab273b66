import type { JsonObject } from '../../json';
import { isObject } from '../../shape';
import type { JudgePolicy } from '../../policy/project-policy';
import { hold, pass, type GateResult } from '../gate';
import { allPaths, citedOf, reportGate } from '../report-gate';
import { JUDGE_RULES_VERSION } from './rules';
import { JUDGE_FINDINGS, type JudgeFinding } from './judge-evidence';

/** What check_tests_not_weakened asks; evidence cites it. The rules count among it: what older ones have found is found out again. */
export function askedOfJudge({ run, paths, ignore, protect }: JudgePolicy): JsonObject {
  return { ignore, paths, protect, rules: JUDGE_RULES_VERSION, run: run ? 'main-tests' : 'note' };
}

/**
 * check_tests_not_weakened: where a change touches what judges it, main's version of that is green on it, too. That it is red says that
 * the tests had to be changed for this change to pass, which may be right: a person decides, and nobody else.
 */
export const judgeGate = reportGate({
  gate: 'check_tests_not_weakened',
  version: 1,
  policy: ({ judge }) => judge,
  asked: askedOfJudge,
  judge: (evidence) => {
    const finding = JUDGE_FINDINGS.find((each) => each === evidence['finding']);
    const { protectedCount } = evidence;
    if (finding === undefined || typeof protectedCount !== 'number') return null;
    const cited = citedOf(evidence, 'finding', 'files', 'fileCount', 'trial');
    if (finding === 'contradictory') return against('inconclusive', evidence, cited);
    if (finding === 'unproven') return against('judge-unproven', evidence, cited);
    if (finding === 'rewritten') return against('judge-rewritten', evidence, cited);
    if (protectedCount > 0) return against('judge-protected', evidence, cited);
    return pass({ ...cited, says: SAYS[finding] });
  },
});

const SAYS: Readonly<Record<Exclude<JudgeFinding, 'rewritten' | 'contradictory' | 'unproven'>, string>> = {
  unchanged: 'nothing that judges the change was touched',
  added: 'tests were added, and nothing else of what judges the change was touched',
  noted: 'what judges the change was changed, and nobody asks for a second run',
  green: "what judges the change was changed, and main's version of it passes, too",
};

function against(reason: string, evidence: JsonObject, cited: JsonObject): GateResult {
  const { seen = [], output = null } = evidence;
  return hold(reason, { ...cited, output, seen }, detailOf(reason, evidence), allPaths(evidence));
}

/** What a person is told: the files, and where both outputs stand side by side. */
function detailOf(reason: string, { paths, pathCount, trial }: JsonObject): string {
  const named = Array.isArray(paths) ? paths.filter((path) => typeof path === 'string') : [];
  const shown = named.slice(0, MOST_SHOWN).join(', ');
  const left = typeof pathCount === 'number' ? pathCount - Math.min(named.length, MOST_SHOWN) : 0;
  const which = left > 0 ? `${shown} and ${left} more` : shown;
  return `${WORDS[reason] ?? reason}: ${which}; ${costOf(trial)}15-judge-report.md shows both`;
}

/** `2 runs of main's tests took 812 ms; ` */
function costOf(trial: JsonObject[string]): string {
  if (!isObject(trial)) return '';
  const { runs, durationMs, isKnown } = trial;
  const known = isKnown === true ? ', known from before' : '';
  return `${runs === 1 ? "1 run of main's tests" : `${Number(runs)} runs of main's tests`} took ${Number(durationMs)} ms${known}; `;
}

const MOST_SHOWN = 3;
const WORDS: Readonly<Record<string, string>> = {
  'judge-rewritten': "the change rewrote its judge: main's tests are red on it, and its own are green; it changes",
  'judge-unproven':
    "main's tests ran on the change and say nothing, as none was executed or their count denies the exit code; it changes",
  'judge-protected': 'the change touches protected files that judge it',
  inconclusive: "main's tests were red and green on the change, which changes",
};
