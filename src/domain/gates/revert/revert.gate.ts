import { canonicalJson, type JsonObject } from '../../json';
import { fail, hold, NOT_CONFIGURED, notReady, pass, type Gate, type GateResult } from '../gate';
import { allPaths } from '../report-gate';
import { evidenceFor } from '../subject';
import type { OnSilentRevert } from './on-silent-revert';
import { askedOfReverts, revertPolicyOf } from './revert-policy';

/**
 * check_no_silent_revert: the candidate takes back nothing that has landed without saying so. Judged by what was found out about that very
 * candidate on that very commit of main; what a project wants to become of it is asked now.
 */
export const revertGate: Gate = {
  name: 'check_no_silent_revert',
  version: 1,
  evaluate: (task, policy) => {
    const { on } = revertPolicyOf(policy);
    if (on === 'off') return NOT_CONFIGURED;
    if (task.exhausted?.kind === 'revert-check') return hold('infra-exhausted');
    const found = evidenceFor(task, 'check_no_silent_revert')?.data;
    if (!found) return notReady('nobody has looked yet what the candidate takes back');
    if (!isAsked(found['asked'], askedOfReverts(policy))) return notReady('another window was asked for');
    return judged(found, on);
  },
};

function judged(found: JsonObject, on: Exclude<OnSilentRevert, 'off'>): GateResult {
  const { silent, says, seen = [], output = null } = found;
  if (typeof silent !== 'number') return notReady('the evidence cannot be read');
  const { asked = null, base = null, explicit = [], scope = null } = found;
  const cited = { asked, base, explicit, scope };
  if (silent === 0) return pass(cited);
  const what = typeof says === 'string' ? says : `${silent} silent reverts`;
  const evidence = { ...cited, silent, seen, output };
  return on === 'hold' ? hold('silent-revert', evidence, what, allPaths(found)) : fail(what, evidence, allPaths(found));
}

function isAsked(before: JsonObject[string] | undefined, asked: JsonObject): boolean {
  return before !== undefined && canonicalJson(before) === canonicalJson(asked);
}
