import { readdir, readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { decimal, list, object, text } from '../../domain/shape';
import { OwedReactions, type Owed } from '../../application/ports/owed-reactions';
import { hasCode, makeDurableDirectory, replaceDurably } from './durable-files';

const FOLDER = 'owed';
const NAME = /^[0-9a-f-]{36}\.json$/;

interface Note {
  readonly worker: string;
  readonly task: string;
  readonly from: string;
  readonly ids: readonly string[];
}

const isNote = object<Note>({ worker: text, task: text, from: decimal, ids: list(text) });

/** `<stateDir>/owed/<id of the first event>.json`, from before an append until what it asks for is done. */
export class OwedFiles extends OwedReactions {
  private readonly folder: string;

  /** @param isGone whether nobody will strike off any more what this worker has noted. */
  constructor(
    stateDir: string,
    private readonly worker: string,
    private readonly isGone: (worker: string) => boolean,
  ) {
    super();
    this.folder = join(stateDir, FOLDER);
  }

  async note(owed: Owed): Promise<void> {
    const note: Note = { worker: this.worker, ...owed, from: String(owed.from) };
    await makeDurableDirectory(this.folder);
    await replaceDurably(this.pathOf(owed), Buffer.from(JSON.stringify(note)));
  }

  async strike(owed: Owed): Promise<void> {
    await rm(this.pathOf(owed), { force: true });
  }

  async left(): Promise<readonly Owed[]> {
    const notes: Owed[] = [];
    for (const name of await this.names()) {
      const note = await this.read(name);
      if (note && this.isGone(note.worker)) notes.push({ task: note.task, from: BigInt(note.from), ids: note.ids });
    }
    return notes;
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

  private pathOf({ ids }: Owed): string {
    return join(this.folder, `${ids[0] ?? ''}.json`);
  }
}
