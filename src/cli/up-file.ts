import { createHash } from 'node:crypto';
import { readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { pathKind } from '../infrastructure/system/path-kind';

/** How other commands find a running service. A left-over one is told by the worker that answers, or does not. */
export interface UpFile {
  readonly url: string;
  readonly worker: string;
}

/** The address of the service that started last. */
const LATEST = 'up.json';
/** And one for each service that runs on the folder: nobody writes to that of another one. */
const EACH = /^up-[0-9a-f]{16}\.json$/;
const NAME_LENGTH = 16;

/** @param isDead tells which of those that are there nobody will remove any more. */
export function writeUpFile(stateDir: string, file: UpFile, isDead: (worker: string) => boolean = () => false): void {
  for (const name of namesIn(stateDir)) {
    const left = read(join(stateDir, name));
    if (left === null || isDead(left.worker)) rmSync(join(stateDir, name), { recursive: true, force: true });
  }
  write(join(stateDir, addressName(file.worker)), file);
  write(join(stateDir, LATEST), file);
}

/** Of every service that has left its address here, the latest one first; those that were killed among them. */
export function readUpFiles(stateDir: string): readonly UpFile[] {
  const files = [LATEST, ...namesIn(stateDir)].flatMap((name) => read(join(stateDir, name)) ?? []);
  return [...new Map(files.map((file) => [file.worker, file])).values()];
}

/** Where other services still run on the state, they are found as before. */
export function removeUpFile(stateDir: string, worker: string): void {
  rmSync(join(stateDir, addressName(worker)), { force: true });
  if (read(join(stateDir, LATEST))?.worker !== worker) return;
  const [other] = namesIn(stateDir).flatMap((name) => read(join(stateDir, name)) ?? []);
  if (other) write(join(stateDir, LATEST), other);
  else rmSync(join(stateDir, LATEST), { force: true });
}

/** Whole or not at all, and over whatever has the name. */
function write(path: string, file: UpFile): void {
  const temporary = `${path}.${process.pid}.tmp`;
  writeFileSync(temporary, JSON.stringify(file), { mode: 0o600 });
  if (pathKind(path) === 'folder') rmSync(path, { recursive: true });
  renameSync(temporary, path);
}

function read(path: string): UpFile | null {
  try {
    const { url, worker } = JSON.parse(readFileSync(path, 'utf8')) as Partial<UpFile>;
    return typeof worker === 'string' && typeof url === 'string' && URL.canParse(url) ? { url, worker } : null;
  } catch {
    // No service has run here, or it is not what one has written: either way nobody is to be found by this file.
    return null;
  }
}

/** Names of what services have left behind, each of its own. */
export function namesIn(folder: string): readonly string[] {
  try {
    return readdirSync(folder).filter((name) => EACH.test(name));
  } catch {
    // No service has run here.
    return [];
  }
}

/** Of what a service leaves behind: known to whoever knows its worker. */
export function addressName(worker: string): string {
  return `up-${createHash('sha256').update(worker).digest('hex').slice(0, NAME_LENGTH)}.json`;
}
