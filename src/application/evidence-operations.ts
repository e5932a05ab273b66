import type { Operations } from './operations';
import { misfit, unfit } from './refusals';
import type { ArtifactStore } from './ports/artifact-store';
import type { Accepted, Conditions, EvidenceFile, EvidenceRequest } from './requests';
import { holdsCredentials } from './secrets';
import type { Principal } from '../domain/authority/principal';
import {
  A_CHECK_NAME,
  A_CHECK_URL,
  A_FILE_NAME,
  A_FILE_TEXT,
  A_RESULT,
  isCheckName,
  isCheckResult,
  isCheckUrl,
  isFileName,
  isFileText,
  MOST_FILES,
  type Check,
  type CheckDelivery,
} from '../domain/gates/outside-evidence';
import { isOid } from '../domain/ids';
import { GATES, isGateName } from '../domain/task/pipeline';
import type { TaskCommand } from '../domain/task/task.commands';
import type { ArtifactRef } from '../domain/task/task.events';
import { sizeOfText } from '../domain/task/texts';

const AN_OID = 'the whole id of a commit, 40 or 64 hexadecimal digits';

/** Takes what CI and people say of a commit, with the files that show it. */
export class EvidenceOperations {
  constructor(private readonly deps: { readonly operations: Operations; readonly artifacts: ArtifactStore }) {}

  async record(id: string, request: EvidenceRequest, principal: Principal, asked: Conditions = {}): Promise<Accepted> {
    const { operations, artifacts } = this.deps;
    const files = request.files ?? [];
    const commandWith = commandOf(request, files);
    const before = await operations.repeated(id, commandWith([]), principal, asked);
    if (before) return before;
    // What is refused leaves no files behind.
    await operations.demand(id, commandWith([]), principal);
    const kept: ArtifactRef[] = [];
    for (const { name, text } of files) kept.push({ name, digest: await artifacts.put(text) });
    return operations.order('evidence', id, commandWith(kept), principal, asked);
  }

  /** What a webhook says. A task takes a delivery once, so it may be brought again. */
  deliver(id: string, request: EvidenceRequest, delivery: CheckDelivery, principal: Principal): Promise<Accepted> {
    return this.deps.operations.order('evidence', id, commandOf(request, [], delivery)([]), principal);
  }
}

type CommandWith = (files: Check['files']) => TaskCommand;

function commandOf(
  { gate, name, result, headOid, url }: EvidenceRequest,
  files: readonly EvidenceFile[],
  delivery: CheckDelivery | null = null,
): CommandWith {
  if (!isGateName(gate)) throw unfit('unknown-gate', 'gate', `one of ${GATES.join(', ')}`, gate);
  if (!isCheckName(name)) throw unfit('invalid-check', 'name', A_CHECK_NAME, name);
  if (!isCheckResult(result)) throw unfit('invalid-check', 'result', A_RESULT, result);
  if (headOid !== undefined && !isOid(headOid)) throw unfit('invalid-check', 'headOid', AN_OID, headOid);
  if (url !== undefined && (!isCheckUrl(url) || holdsCredentials(url)))
    throw unfit('invalid-check', 'url', A_CHECK_URL, url);
  refuseFiles(files);
  const check = { name, result, url: url ?? null };
  const subjectOid = headOid ?? null;
  const cited = delivery ? { delivery } : {};
  return (kept) => ({ type: 'RecordEvidence', data: { gate, subjectOid, check: { ...check, files: kept }, ...cited } });
}

function refuseFiles(files: readonly EvidenceFile[]): void {
  if (files.length > MOST_FILES)
    throw misfit('invalid-check', 'files', `at most ${MOST_FILES} files`, String(files.length));
  for (const { name, text } of files) {
    if (!isFileName(name)) throw unfit('invalid-check', 'files', A_FILE_NAME, name);
    if (!isFileText(text)) throw misfit('invalid-check', name, A_FILE_TEXT, sizeOfText(text));
  }
  const names = files.map(({ name }) => name);
  const twice = names.find((name, index) => names.indexOf(name) !== index);
  if (twice !== undefined) throw unfit('invalid-check', 'files', 'a name for each file', twice);
}
