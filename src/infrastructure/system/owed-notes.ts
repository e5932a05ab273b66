import { readdir, readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { comparePositions } from '../../application/position';
import type { EventStore, StoredEvent } from '../../application/ports/event-store';
import { taskStream } from '../../domain/ids';
import { decimal, list, object, text } from '../../domain/shape';
import type { EventPlace } from '../../domain/subscriber/subscriber.events';
import { hasCode } from './durable-files';

const NAME = /^[0-9a-f-]{36}\.json$/;

interface Note {
  readonly worker: string;
  readonly task: string;
  readonly from: string;
  readonly ids: readonly string[];
}

const isNote = object<Note>({ worker: text, task: text, from: decimal, ids: list(text) });

/**
 * `<stateDir>/owed/`: in which versions before subscribers noted what they had still to do about an append. Whoever takes up
 * such a folder begins there.
 */
export class OwedNotes {
  private readonly folder: string;

  constructor(
    stateDir: string,
    private readonly store: EventStore,
  ) {
    this.folder = join(stateDir, 'owed');
  }

  /** @returns what comes right before the first event that something is owed for; null when nothing is. */
  async origin(): Promise<EventPlace | null> {
    const found: StoredEvent[] = [];
    for (const name of await this.names()) {
      const note = await this.read(name);
      const before = note && (await this.before(note));
      if (before) found.push(before);
    }
    const [first] = found.sort((one, other) => comparePositions(one.position, other.position));
    return first ? { stream: first.stream, revision: String(first.revision) } : null;
  }

  /** Everybody has begun: from then on the log says what is to be done. */
  async remove(): Promise<void> {
    await rm(this.folder, { recursive: true, force: true });
  }

  /** @returns null when what was noted was never stored. */
  private async before({ task, from, ids }: Note): Promise<StoredEvent | null> {
    const [first, second] = await this.store.readStream(taskStream(task), {
      from: from === '0' ? 0n : BigInt(from) - 1n,
      limit: 2,
    });
    return (from === '0' ? first : second)?.id === ids[0] ? (first ?? null) : null;
  }

  private async names(): Promise<readonly string[]> {
    try {
      return (await readdir(this.folder)).filter((name) => NAME.test(name)).sort();
    } catch (error) {
      // Nothing was ever owed here.
      if (hasCode(error, 'ENOENT')) return [];
      throw error;
    }
  }

  /** @returns null for what is no note of ours, as somebody else has put it there. */
  private async read(name: string): Promise<Note | null> {
    try {
      const note: unknown = JSON.parse(await readFile(join(this.folder, name), 'utf8'));
      return isNote(note) ? note : null;
    } catch (error) {
      // Struck off by its worker a moment ago.
      if (hasCode(error, 'ENOENT') || error instanceof SyntaxError) return null;
      throw error;
    }
  }
}
