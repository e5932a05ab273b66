import type { Readable } from 'node:stream';
import type { RunResult, RunSpec } from '../../../application/ports/process-runner';
import type { Deadline } from '../deadline';
import { LogFile } from './log-file';
import { OutputCapture } from './output-capture';
import { OutputSearch, type Searched } from './output-search';
import { TestCounter } from './test-counter';
import { testsIn } from '../../../domain/witness/tally';
import type { TestsOfRun } from '../../../domain/witness/test-counts';

export const DEFAULT_CAPTURE_BYTES = 512 * 1024;
const DEFAULT_LOG_BYTES = 64 * 1024 * 1024;

type OutputSpec = Pick<
  RunSpec,
  'maxHeadBytes' | 'maxTailBytes' | 'logFile' | 'maxLogBytes' | 'witness' | 'countsTests'
>;

/** What comes out of a run, on both streams: head, tail and digest of each, and both in one log file. */
export class RunOutput {
  private readonly stdout: OutputCapture;
  private readonly stderr: OutputCapture;
  private readonly log: LogFile;
  /** One for each stream; empty when the output proves nothing. */
  private readonly searches: readonly OutputSearch[];
  /** The same, where nobody asks how many tests ran. */
  private readonly counters: readonly TestCounter[];

  constructor({ maxHeadBytes, maxTailBytes, logFile, maxLogBytes, witness, countsTests }: OutputSpec) {
    const [head, tail] = [maxHeadBytes ?? DEFAULT_CAPTURE_BYTES, maxTailBytes ?? DEFAULT_CAPTURE_BYTES];
    this.stdout = new OutputCapture(head, tail);
    this.stderr = new OutputCapture(head, tail);
    this.log = new LogFile(logFile, maxLogBytes ?? DEFAULT_LOG_BYTES);
    const pattern = witness?.kind === 'output' ? witness.pattern : null;
    this.searches = pattern === null ? [] : [new OutputSearch(pattern), new OutputSearch(pattern)];
    this.counters = countsTests === true ? [new TestCounter(), new TestCounter()] : [];
  }

  /** Reads for as long as anything comes; the pipes are never paused. */
  follow(streams: { readonly stdout: Readable; readonly stderr: Readable }): void {
    for (const [stream, capture, search, counter] of [
      [streams.stdout, this.stdout, this.searches[0], this.counters[0]],
      [streams.stderr, this.stderr, this.searches[1], this.counters[1]],
    ] as const) {
      stream.on('data', (chunk: Buffer) => {
        capture.take(chunk);
        search?.take(chunk);
        counter?.take(chunk);
        this.log.take(chunk);
      });
      // The other end is gone; what came through counts.
      stream.on('error', () => undefined);
    }
  }

  captured(): RunResult['output'] {
    return { stdout: this.stdout.result(), stderr: this.stderr.result() };
  }

  /** Whether the witness is somewhere in all that came; to be asked when no more comes. */
  searched(): Searched {
    const results = this.searches.map((search) => search.result());
    if (results.includes('found')) return 'found';
    return results.includes('given-up') ? 'given-up' : 'absent';
  }

  /** What all that came says of tests; null where it says nothing, or nobody asked. To be asked when no more comes. */
  tests(): TestsOfRun | null {
    return testsIn(this.counters.map((counter) => counter.result()));
  }

  totalBytes(): number {
    return this.stdout.size() + this.stderr.size();
  }

  /** @returns why the log file is not complete; null when it is. */
  close(deadline: Deadline): Promise<string | null> {
    return this.log.close(deadline);
  }
}
