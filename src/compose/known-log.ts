import { existsSync, readdirSync, readFileSync, renameSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import type { LogIdentity } from '../application/log-identity';
import { InfrastructureError } from '../application/ports/infrastructure-error';
import type { Logger } from '../application/ports/logger';
import type { StoreUrl } from '../infrastructure/config/values/value-types';
import { replaceDurably } from '../infrastructure/system/durable-files';
import { pathKind } from '../infrastructure/system/path-kind';
import { nameOfStore } from './store-name';

/** What only a log that somebody worked with leaves in a state folder. */
const TRACES = ['artifacts/.content', 'repos'] as const;
const ARTIFACTS = 'artifacts';
const UNKNOWN = 'unknown';

export interface LogPlace {
  readonly stateDir: string;
  readonly eventStore: StoreUrl;
  /** A command that accepts another log, for messages. */
  readonly newLogWith?: string | undefined;
  /** Another log is what the user wants. */
  readonly isNewLog?: boolean | undefined;
}

/** Before a file is opened, which makes an empty one. @throws InfrastructureError LOG_MISSING */
export function refuseMissingLog(place: LogPlace): void {
  const { stateDir, eventStore, isNewLog } = place;
  if (eventStore.kind !== 'file' || isNewLog === true) return;
  const kind = pathKind(eventStore.path);
  if (kind !== 'missing' && kind !== 'empty') return;
  const expected = expectedIn(stateDir);
  if (expected !== null) throw refusal('LOG_MISSING', place, expected, kind === 'empty' ? 'an empty file' : 'no file');
}

/**
 * Which log a state folder belongs to, noted in `log.json`. A log that is gone, or another one in its place, is never taken
 * for a new beginning: what has landed would be forgotten, and task ids would begin anew beside artifacts of the old ones.
 */
export class KnownLog {
  private noted: string | null = null;
  private noting: Promise<void> = Promise.resolve();

  constructor(private readonly deps: LogPlace & { readonly identity: LogIdentity; readonly logger: Logger }) {}

  /**
   * @param hasReadModels whether read models of a log are in this folder.
   * @throws InfrastructureError LOG_MISSING, LOG_OTHER; whatever the store throws.
   */
  async check(hasReadModels: () => Promise<boolean>): Promise<void> {
    if (this.deps.eventStore.kind === 'memory') return;
    const seen = await this.deps.identity.nameIfAny();
    const expected = expectedIn(this.deps.stateDir) ?? ((await hasReadModels()) ? UNKNOWN : null);
    if (expected !== null && isOther(expected, seen)) {
      if (this.deps.isNewLog !== true) throw refused(this.deps, expected, seen);
      this.retire(expected);
    }
    if (seen !== null) await this.write(seen);
  }

  /** As `check`, for who only reads: changes nothing. */
  async refuseOther(): Promise<void> {
    const expected = expectedIn(this.deps.stateDir);
    if (expected === null) return;
    const seen = await this.deps.identity.nameIfAny();
    if (isOther(expected, seen)) throw refused(this.deps, expected, seen);
  }

  /** Notes which log it is as soon as there is one. Cheap to call again. */
  note(): void {
    if (this.noted !== null || this.deps.eventStore.kind === 'memory') return;
    this.noted = '';
    this.noting = this.noteNow().catch((error: unknown) => {
      this.noted = null;
      this.deps.logger.warn('the log could not be noted in the state folder', { error: String(error) });
    });
  }

  settled(): Promise<void> {
    return this.noting;
  }

  private async noteNow(): Promise<void> {
    const name = await this.deps.identity.nameIfAny();
    if (name === null) this.noted = null;
    else await this.write(name);
  }

  private async write(name: string): Promise<void> {
    const { stateDir } = this.deps;
    this.noted = name;
    if (notedIn(stateDir) === name) return;
    // The folder is there since the start; one that is gone is not made anew, where whoever moves it back would find it in the way.
    const path = fileIn(stateDir);
    if (pathKind(path) === 'folder') rmSync(path, { recursive: true });
    await replaceDurably(path, Buffer.from(JSON.stringify({ log: name })));
  }

  /** Artifacts of the old log would stand in the way of tasks with the same ids. Everything else is made again. */
  private retire(old: string): void {
    const { stateDir, logger } = this.deps;
    const [from, to] = [join(stateDir, ARTIFACTS), join(stateDir, `${ARTIFACTS}-of-${old}`)];
    rmSync(fileIn(stateDir), { recursive: true, force: true });
    if (!existsSync(from)) return;
    rmSync(to, { recursive: true, force: true });
    renameSync(from, to);
    logger.warn('a new log begins; the artifacts of the old one were moved', { movedTo: to });
  }
}

/** The log that the folder belongs to; null when it belongs to none yet. */
function expectedIn(stateDir: string): string | null {
  const noted = notedIn(stateDir);
  if (noted !== null) return noted;
  return TRACES.some((folder) => hasEntries(join(stateDir, folder))) ? UNKNOWN : null;
}

/** What was noted without a name may be any log, but not none. */
function isOther(expected: string, seen: string | null): boolean {
  return expected === UNKNOWN ? seen === null : seen !== expected;
}

function refused(place: LogPlace, expected: string, seen: string | null): InfrastructureError {
  return seen === null
    ? refusal('LOG_MISSING', place, expected, 'an empty log')
    : refusal('LOG_OTHER', place, expected, `log ${seen}`);
}

type Code = 'LOG_MISSING' | 'LOG_OTHER';

function refusal(code: Code, place: LogPlace, expected: string, seen: string): InfrastructureError {
  const { stateDir, eventStore, newLogWith = 'stagegate up --new-log' } = place;
  const log = expected === UNKNOWN ? 'the log' : `log ${expected}`;
  const how = `restore it, correct the URL, or begin anew with ${newLogWith}`;
  const text = `${nameOfStore(eventStore)}: expected ${log} that ${stateDir} belongs to, saw ${seen}; ${how}`;
  return new InfrastructureError(code, text);
}

/** @returns null when nothing was noted yet. */
function notedIn(stateDir: string): string | null {
  let text: string;
  try {
    text = readFileSync(fileIn(stateDir), 'utf8');
  } catch (error) {
    const { code = '' } = error as NodeJS.ErrnoException;
    return code === 'ENOENT' || code === 'ENOTDIR' ? null : UNKNOWN;
  }
  try {
    const { log } = JSON.parse(text) as { log?: unknown };
    return typeof log === 'string' && log !== '' ? log : UNKNOWN;
  } catch {
    // Damaged: there was a log, and its name is not known any more.
    return UNKNOWN;
  }
}

function hasEntries(folder: string): boolean {
  try {
    return readdirSync(folder).length > 0;
  } catch {
    // Not there, or no folder: whoever uses it says so.
    return false;
  }
}

function fileIn(stateDir: string): string {
  return join(stateDir, 'log.json');
}
