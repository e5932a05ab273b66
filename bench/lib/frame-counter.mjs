import { once } from 'node:events';
import { request } from 'node:http';

const ID = Buffer.from('id: ');
const LINE = 10;
const SLASH = 47;

/** A subscriber that looks at nothing but ids: on the embedded store the next one is always one more. */
export class FrameCounter {
  events = 0;
  gaps = 0;
  repeated = 0;
  #last;
  #rest = Buffer.alloc(0);
  #request;
  #answer;

  constructor(after) {
    this.#last = after;
  }

  async open(url) {
    this.#request = request(url, { agent: false, headers: { accept: 'text/event-stream' } });
    this.#request.on('error', () => undefined);
    this.#request.end();
    [this.#answer] = await once(this.#request, 'response');
    if (this.#answer.statusCode !== 200) throw new Error(`expected a stream, saw ${this.#answer.statusCode}`);
    this.#answer.on('error', () => undefined);
    return this;
  }

  /** Takes what comes, from now on. */
  listen() {
    this.#answer.on('data', (chunk) => this.#take(chunk));
    return this;
  }

  close() {
    this.#request.destroy();
  }

  #take(chunk) {
    const bytes = this.#rest.length === 0 ? chunk : Buffer.concat([this.#rest, chunk]);
    let from = 0;
    for (;;) {
      const end = bytes.indexOf('\n\n', from);
      if (end < 0) break;
      if (bytes.indexOf(ID, from) === from) this.#count(bytes, from + ID.length, end);
      from = end + 2;
    }
    this.#rest = bytes.subarray(from);
  }

  #count(bytes, from, end) {
    let id = 0;
    let at = from;
    for (; bytes[at] !== SLASH; at += 1) id = id * 10 + (bytes[at] - 48);
    const line = bytes.indexOf(LINE, at);
    // Without data it only says how far the reader has got.
    if (line < 0 || line >= end) return;
    if (id <= this.#last) this.repeated += 1;
    else if (id !== this.#last + 1) this.gaps += 1;
    this.#last = Math.max(this.#last, id);
    this.events += 1;
  }
}
