import { checksOf, deliveriesIn, MOST_CHECKS, TAKES_EVIDENCE, type Check } from '../../gates/outside-evidence';
import { evidenceFor, subjectOf } from '../../gates/subject';
import { canonicalJson, type JsonObject } from '../../json';
import { settle } from '../settle';
import type { TaskCommandData } from '../task.commands';
import { accept, nothing, reject, type Decision } from './decision';
import type { Draft } from './draft';

/**
 * Somebody outside says how a check of a commit went. Believed for the commit that gates judge and for no other; the gate is
 * asked in the same decision.
 */
export function recordEvidence(draft: Draft, data: TaskCommandData['RecordEvidence']): Decision {
  const { gate, subjectOid, check, delivery } = data;
  const { task, context } = draft;
  const { name: by, kind } = context.principal;
  if (kind === 'agent') return reject('not-allowed', `${by} is an agent: CI or a person says how a check went`);
  if (!TAKES_EVIDENCE.includes(gate)) {
    const takers = TAKES_EVIDENCE.join(', ');
    return reject('takes-no-evidence', `${gate} takes no evidence from outside, only: ${takers}`);
  }
  const judged = subjectOf(task);
  if (judged === null || (subjectOid !== null && subjectOid !== judged)) {
    const about = subjectOid ?? 'no commit';
    return reject('other-commit', `the evidence is about ${about}, and gates judge ${judged ?? 'none yet'}`);
  }
  // Also one that was replayed under another id: what was said meanwhile would be taken back by it.
  if (delivery && deliveriesIn(evidenceFor(task, gate)).includes(delivery.digest)) return nothing();
  const known = evidenceFor(task, gate) ? checksOf(task, gate) : new Map<string, JsonObject>();
  const said = saidOf(check);
  const before = known.get(check.name);
  if (before && isSame(before, said)) return nothing();
  if (!before && known.size >= MOST_CHECKS)
    return reject(
      'too-many-checks',
      `expected at most ${MOST_CHECKS} checks of ${judged}, saw another one: ${check.name}`,
    );
  const cited = delivery ? { delivery: { source: delivery.source, id: delivery.id, digest: delivery.digest } } : {};
  draft.add({
    type: 'EvidenceRecorded',
    data: { gate, subjectOid: judged, evidence: { name: check.name, ...said, by, ...cited }, run: null },
  });
  settle(draft);
  return accept(draft.events);
}

function saidOf({ result, url, files }: Check): JsonObject {
  return { files: files.map(({ name, digest }) => ({ name, digest })), result, url };
}

/** Whoever brings it again. */
function isSame({ files, result, url }: JsonObject, said: JsonObject): boolean {
  return canonicalJson({ files, result, url }) === canonicalJson(said);
}
