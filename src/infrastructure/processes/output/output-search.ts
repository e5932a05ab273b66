import { createContext, Script } from 'node:vm';

/** Characters for which a match may go on, and what it may see before its beginning and after its end. */
export const REACH = 64 * 1024;
/** Time that a pattern may take in all, and for each block of output on top: an ordinary one takes less than a millisecond. */
const SPARE_MS = 2_000;
const BLOCK_MS = 25;

/** A script can be given a time limit, and nothing else ends a regular expression that has gone astray. */
const limited = { script: new Script('work()'), context: createContext({ work: null }) };

export type Searched = 'found' | 'absent' | 'given-up';

/**
 * Looks for a pattern in all of a stream, in bounded memory, as if it were one text: a match is found wherever chunks
 * begin and end, and `^`, `$`, `\b` and look-around see the real surroundings. Exact for matches within `REACH`.
 */
export class OutputSearch {
  private readonly pattern: RegExp;
  private readonly decoder = new TextDecoder();
  private text = '';
  /** Where in the text a match may begin; what is before it has been looked through. */
  private from = 0;
  private allowedMs = SPARE_MS;
  private is: Searched = 'absent';

  /** @param source of the regular expression; its anchors are those of lines. */
  constructor(source: string) {
    this.pattern = new RegExp(source, 'gm');
  }

  take(chunk: Buffer): void {
    if (this.is !== 'absent') return;
    this.text += this.decoder.decode(chunk, { stream: true });
    // What follows a match can change it, so whatever begins in the last part waits for more.
    if (this.text.length - this.from >= 2 * REACH) this.searchTo(this.text.length - REACH);
  }

  /** To be asked when no more comes. */
  result(): Searched {
    if (this.is === 'absent') {
      this.text += this.decoder.decode();
      this.searchTo(Infinity);
    }
    return this.is;
  }

  private searchTo(end: number): void {
    this.allowedMs += BLOCK_MS;
    const index = this.firstMatch();
    if (index !== null && index < end) this.is = 'found';
    if (this.is !== 'absent') this.text = '';
    const cut = Math.max(0, Math.min(end, this.text.length) - REACH);
    this.from = Math.min(end, this.text.length) - cut;
    this.text = this.text.slice(cut);
  }

  private firstMatch(): number | null {
    const begun = performance.now();
    limited.context['work'] = () => {
      this.pattern.lastIndex = this.from;
      return this.pattern.exec(this.text)?.index ?? null;
    };
    try {
      return limited.script.runInContext(limited.context, {
        timeout: Math.max(1, Math.ceil(this.allowedMs)),
      }) as number | null;
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'ERR_SCRIPT_EXECUTION_TIMEOUT') throw error;
      this.is = 'given-up';
      return null;
    } finally {
      this.allowedMs -= performance.now() - begun;
      limited.context['work'] = null;
    }
  }
}
