import type { Oid } from '../../ids';
import { isNewTestOnly, isTestsOnly } from './additions';
import { behindLinks, filesOfCommand, judgeKind, type JudgeScope } from './judged-paths';
import { manifestOf, scriptTexts } from './manifests';
import { isCode, type JudgeKind } from './rules';

/** One file of a commit, as git has it. */
export interface TreeFile {
  readonly mode: string;
  readonly oid: Oid;
}

/** A path in which two commits differ. Renames are two: what is gone, and what is new. */
export interface ChangedEntry {
  readonly path: string;
  /** Null where it was not there. */
  readonly before: TreeFile | null;
  readonly after: TreeFile | null;
}

/** What a change does to one file that judges. */
export interface JudgeFile {
  readonly path: string;
  readonly kind: JudgeKind;
  readonly change: 'added' | 'changed' | 'removed';
  /** Whether it can weaken the judgement: main's version is to be run then. */
  readonly weighs: boolean;
}

/** How the tree is made in which main's version judges the candidate: what is set as main has it, and what is left out. */
export interface TrialPlan {
  readonly put: readonly (TreeFile & { readonly path: string })[];
  /** Files of which some parts are main's: their whole text. */
  readonly write: readonly { readonly path: string; readonly mode: string; readonly text: string }[];
  readonly leaveOut: readonly string[];
}

/** What the rules need to know of main before they look at a change. */
export interface JudgeGround extends Omit<JudgeScope, 'named'> {
  readonly files: ReadonlyMap<string, TreeFile>;
  /** Where the links of main lead, by their paths. */
  readonly links: ReadonlyMap<string, string>;
  /** Text of main's package.json; null where it has none. */
  readonly manifest: string | null;
  /** The commands of the suite, as one text. */
  readonly command: string;
}

/** The texts of blobs; null for what is no text, or too long to be looked at. */
export type Texts = (oid: Oid) => string | null;

const PLAIN_FILE = /^100/;

export function judgeScope({ paths, ignore, files, links, manifest, command }: JudgeGround): JudgeScope {
  const scripts = manifest === null ? '' : scriptTexts(manifest, command);
  const named = [...behindLinks(links, { paths, ignore }), ...filesOfCommand(`${command} ${scripts}`, files)];
  // What the whole repository lies behind says nothing, and what has rules of its own keeps them.
  return { paths, ignore, named: new Set(named.filter((path) => manifestOf(path) === null)) };
}

/** The entries that judge, of all in which the candidate differs from main; a manifest may yet turn out not to. */
export function judgedEntries(scope: JudgeScope, entries: readonly ChangedEntry[]): readonly ChangedEntry[] {
  return entries.filter(({ path }) => isManifest(path, scope) || judgeKind(path, scope) !== null);
}

/** Blobs whose texts are to be looked at. */
export function textsNeeded(scope: JudgeScope, judged: readonly ChangedEntry[]): readonly Oid[] {
  return judged.flatMap(({ path, before, after }) => {
    const isRead = isManifest(path, scope) || judgeKind(path, scope) === 'test';
    return isRead ? [before, after].flatMap((file) => (file && PLAIN_FILE.test(file.mode) ? [file.oid] : [])) : [];
  });
}

/** What a change does to what judges it, and the tree in which main's version does. */
export function judgeChange(
  scope: JudgeScope,
  judged: readonly ChangedEntry[],
  { texts, command }: { readonly texts: Texts; readonly command: string },
): { readonly files: readonly JudgeFile[]; readonly plan: TrialPlan } {
  const files: JudgeFile[] = [];
  const put: TrialPlan['put'][number][] = [];
  const write: TrialPlan['write'][number][] = [];
  const leaveOut: string[] = [];
  for (const entry of judged) {
    const { path, before, after } = entry;
    const parts = isManifest(path, scope) ? partsOf(entry, texts, command) : 'whole';
    if (parts === 'none') continue;
    const kind = (parts === 'whole' ? judgeKind(path, scope) : null) ?? 'suite';
    files.push({ path, kind, change: changeOf(entry), weighs: weighs(entry, kind, texts) });
    if (typeof parts === 'object') write.push({ path, mode: after?.mode ?? '100644', text: parts.text });
    else if (before) put.push({ path, ...before });
    else leaveOut.push(path);
  }
  return { files, plan: { put, write, leaveOut } };
}

function isManifest(path: string, scope: JudgeScope): boolean {
  return manifestOf(path) !== null && judgeKind(path, scope) === null && !isIgnored(path, scope);
}

function isIgnored(path: string, { ignore }: JudgeScope): boolean {
  // Named by the project and yet nothing: only `ignore` says so.
  return ignore.length > 0 && judgeKind(path, { paths: ['**'], ignore, named: new Set() }) === null;
}

/** `none`: nothing in it that judges is touched. `whole`: nobody can tell its parts apart, or it is gone. */
function partsOf(
  { path, before, after }: ChangedEntry,
  texts: Texts,
  command: string,
): 'none' | 'whole' | { readonly text: string } {
  const manifest = manifestOf(path);
  // Main has none, so none of main's suite depends on it.
  if (!before || !manifest) return 'none';
  if (!after || !PLAIN_FILE.test(after.mode) || !PLAIN_FILE.test(before.mode)) return 'whole';
  const [mine, main] = [texts(after.oid), texts(before.oid)];
  if (mine === null || main === null) return 'whole';
  const [judging, judgingOfMain] = [manifest.judging(mine, command), manifest.judging(main, command)];
  if (judging !== null && judging === judgingOfMain) return 'none';
  const text = manifest.withParts(mine, main, command);
  return text === null ? 'whole' : { text };
}

function changeOf({ before, after }: ChangedEntry): JudgeFile['change'] {
  if (!before) return 'added';
  return after ? 'changed' : 'removed';
}

/** CI works elsewhere: no run here would tell anything of it. */
function weighs({ path, before, after }: ChangedEntry, kind: JudgeKind, texts: Texts): boolean {
  if (kind === 'ci') return false;
  if (!after || !PLAIN_FILE.test(after.mode)) return true;
  const text = texts(after.oid);
  if (!before) {
    if (kind === 'test') return text === null || !isNewTestOnly(text);
    return kind !== 'snapshot' && (kind !== 'fixture' || isCode(path));
  }
  if (kind !== 'test' || text === null || !PLAIN_FILE.test(before.mode)) return true;
  const main = texts(before.oid);
  return main === null || !isTestsOnly(path, main, text);
}
