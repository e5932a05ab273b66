import { once } from 'node:events';
import { request, type ClientRequest, type IncomingMessage } from 'node:http';

/** A frame as a reader gets it; without data it only moves the place to resume from. */
export interface Frame {
  readonly id?: string;
  readonly event?: string;
  readonly data?: string;
  readonly retry?: string;
  readonly comment?: string;
}

/** Reads server-sent events as the standard has them, over a connection of its own. */
export class EventSource {
  readonly frames: Frame[] = [];
  private rest = '';

  private constructor(
    private readonly asked: ClientRequest,
    readonly answer: IncomingMessage,
  ) {
    answer.setEncoding('utf8');
  }

  static async open(url: string, headers: Record<string, string> = {}): Promise<EventSource> {
    const asked = request(url, { agent: false, headers: { accept: 'text/event-stream', ...headers } });
    asked.on('error', () => undefined);
    asked.end();
    const [answer] = (await once(asked, 'response')) as [IncomingMessage];
    answer.on('error', () => undefined);
    return new EventSource(asked, answer);
  }

  /** Begins to take what comes; a source that has not begun takes nothing. */
  listen(): this {
    this.answer.on('data', (text: string) => {
      const blocks = (this.rest + text).split('\n\n');
      this.rest = blocks.pop() ?? '';
      this.frames.push(...blocks.map(frameOf));
    });
    return this;
  }

  get status(): number {
    return this.answer.statusCode ?? 0;
  }

  /** Those that are events. */
  get events(): readonly Frame[] {
    return this.frames.filter(({ data }) => data !== undefined);
  }

  get lastId(): string {
    return this.frames.reduce((last, { id }) => id ?? last, '');
  }

  get isOver(): boolean {
    return this.answer.closed || this.answer.readableEnded;
  }

  close(): void {
    this.asked.destroy();
  }
}

function frameOf(block: string): Frame {
  const fields = block.split('\n').map((line) => {
    const colon = line.indexOf(':');
    return [colon === 0 ? 'comment' : line.slice(0, colon), line.slice(colon + 1).trimStart()] as const;
  });
  return Object.fromEntries(fields);
}
