import type { Finding, Unjudged } from '../../application/audit/verify/finding';
import type { Verified, VerifyListener } from '../../application/audit/verify/verify-log';
import { EXIT } from '../exit-codes';
import type { Output } from '../output';

/** Where no terminal shows how far it is, a line from time to time. */
const NOTE_EVERY_MS = 15_000;

/** Tells what is found while it is found, and in the end what the log as a whole is. */
export class VerifyReport implements VerifyListener {
  private readonly startedAt = performance.now();
  private notedAt = this.startedAt;
  private events = 0;

  /** @param place what a finding's place is called. */
  constructor(
    private readonly output: Output,
    private readonly place: 'position' | 'line',
  ) {}

  readonly found = ({ check, place, event, text }: Finding): void => {
    if (this.output.isJson) {
      this.output.json({ finding: { check, [this.place]: place, ...event, text } });
      return;
    }
    const of = event === null ? '' : `: ${event.stream} ${event.revision} (${event.type})`;
    this.output.line(`${this.place} ${place}${of}: ${text}`);
  };

  readonly progress = (events: number): void => {
    const { status } = this.output;
    this.events = events;
    if (status) status.show(`${events} events read`);
    else if (performance.now() - this.notedAt > NOTE_EVERY_MS) {
      this.notedAt = performance.now();
      this.output.note(`${events} events read`);
    }
  };

  interrupted(): void {
    this.output.status?.hide();
    const text = `interrupted: ${this.events} events read, the rest was not`;
    if (this.output.isJson) this.output.json({ summary: { result: 'interrupted', events: this.events } });
    else this.output.line(text);
  }

  /** @returns the exit code. */
  end({ events, streams, findings, unjudged }: Verified): number {
    this.output.status?.hide();
    const durationMs = Math.round(performance.now() - this.startedAt);
    const result = resultOf(findings, unjudged);
    if (this.output.isJson) this.output.json({ summary: { result, events, streams, findings, unjudged, durationMs } });
    else {
      for (const each of unjudged) this.output.line(unjudgedLine(each));
      this.output.line(`${events} events in ${streams} streams: ${WORDS[result](findings)} (${durationMs} ms)`);
    }
    return result === 'whole' ? EXIT.ok : EXIT.unhealthy;
  }
}

type Result = 'whole' | 'changed' | 'unjudged';

const WORDS: Readonly<Record<Result, (findings: number) => string>> = {
  whole: () => 'each is what was written',
  changed: (findings) => `${findings} are not what was written; restore the log`,
  unjudged: () =>
    'each that this version knows is what was written; look at the others with the version that wrote them',
};

function resultOf(findings: number, unjudged: readonly Unjudged[]): Result {
  if (findings > 0) return 'changed';
  return unjudged.length > 0 ? 'unjudged' : 'whole';
}

function unjudgedLine({ type, version, events }: Unjudged): string {
  return `${events} × ${type} version ${version}: a later version wrote it`;
}
