import { availableParallelism } from 'node:os';
import { quoted } from '../../application/secrets';
import { GitError } from '../../application/ports/git-workspace';
import type { Oid } from '../../domain/ids';
import { AN_INSTANT, instant, parseInstant, type Instant } from '../../domain/instant';
import { loadServiceConfig } from '../../infrastructure/config/service-config';
import { Git, hurryGit } from '../../infrastructure/git/command/git-command';
import { requireGit } from '../../infrastructure/git/command/git-version';
import { auditPlace, type AuditPlace } from '../../infrastructure/git/landings/audit-place';
import { examineLanding } from '../../infrastructure/git/landings/examine-landing';
import { inOrder } from '../../infrastructure/git/landings/in-order';
import { commitOf, landingsOf, tipOf, type Tip, type WalkEnd } from '../../infrastructure/git/landings/landing-walk';
import { localPath } from '../local-path';
import type { Output } from '../output';
import { Interrupted, untilInterrupted } from '../signals';
import { UserError } from '../user-error';
import { LandingsReport } from './landings-report';

export interface LandingsFlags {
  readonly branch?: string;
  readonly since?: string;
  readonly limit: string;
}

/** A landing takes some processes, one after the other; more of them at once than processors helps nobody. */
const MOST_AT_ONCE = 4;
const ALL = 'all';

/**
 * Looks through what has landed on a branch of any repository for what was undone without a word. It writes nothing there and runs nothing
 * of it.
 *
 * @returns the exit code.
 */
export async function auditLandings(repository: string, flags: LandingsFlags, output: Output): Promise<number> {
  // It needs none of it; but a variable that is misspelt is refused whatever the verb.
  loadServiceConfig();
  const path = localPath('repository', repository);
  const limit = limitOf(flags.limit);
  const place = await forUser(async () => {
    await requireGit();
    return auditPlace(path);
  });
  try {
    const tip = await forUser(() => tipOf(path, flags.branch ?? null));
    const since = await sinceOf(path, flags.since);
    const report = new LandingsReport(output, { place, tip, limit });
    const end = { ...since, limit: limit ?? Infinity, onLimit: report.cut };
    const ended = await untilInterrupted(walk(report, { place, tip, end }));
    if (!(ended instanceof Interrupted)) return report.end(null);
    report.stop();
    hurryGit();
    report.end('interrupted');
    return ended.code;
  } finally {
    await place.remove();
  }
}

async function walk(
  report: LandingsReport,
  { place, tip, end }: { readonly place: AuditPlace; readonly tip: Tip; readonly end: WalkEnd },
): Promise<void> {
  const git = new Git();
  const landings = landingsOf(git, place.dir, tip.oid, end);
  const atOnce = Math.min(MOST_AT_ONCE, availableParallelism());
  for await (const examined of inOrder(landings, atOnce, (each) => examineLanding(git, place.dir, each))) {
    if (report.isStopped) return;
    report.take(examined);
  }
}

/** @returns null for all of them. */
function limitOf(text: string): number | null {
  if (text === ALL) return null;
  if (/^[1-9]\d{0,8}$/.test(text)) return Number(text);
  throw new UserError(`--limit: expected a whole number from 1 on, or ${ALL}, saw ${quoted(text)}`);
}

/** From a time on, or from behind a commit on. */
async function sinceOf(
  repository: string,
  since: string | undefined,
): Promise<{ readonly since: Instant | null; readonly behind: Oid | null }> {
  if (since === undefined) return { since: null, behind: null };
  const at = momentOf(since);
  if (at !== null) return { since: at, behind: null };
  const behind =
    /^[\w./@^~{}-]{1,250}$/.test(since) && !since.startsWith('-') ? await commitOf(new Git(), repository, since) : null;
  if (behind !== null) return { since: null, behind };
  const expected = `a day such as 2025-01-31, ${AN_INSTANT}, a time such as 90d, or a commit of the repository`;
  throw new UserError(`--since: expected ${expected}, saw ${quoted(since)}`);
}

const DAY_MS = 24 * 3_600_000;

function momentOf(text: string): Instant | null {
  const [, days] = /^([1-9]\d{0,4})d$/.exec(text) ?? [];
  if (days !== undefined) return instant(Date.now() - Number(days) * DAY_MS);
  return parseInstant(/^\d{4}-\d{2}-\d{2}$/.test(text) ? `${text}T00:00:00Z` : text);
}

/** What git says of the place and of its branches is for the user to put right. */
async function forUser<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    throw error instanceof GitError ? new UserError(error.message) : error;
  }
}
