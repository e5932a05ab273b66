import { request as plainRequest, type ClientRequest, type IncomingMessage } from 'node:http';
import { request as secureRequest } from 'node:https';
import { isIP } from 'node:net';
import { HealthProbe, type ProbeAsk, type Probed } from '../../application/ports/health-probe';
import { probeFault } from './probe-fault';

/** What is read of a body at all. A larger one has been answered well enough. */
const MOST_BYTES = 64 * 1024;
/** What is kept of it. */
const KEPT_BYTES = 4 * 1024;

/**
 * One GET over a connection of its own. No redirect is followed, no proxy of the environment is used, no cookie is kept: what is
 * asked is what the operator has written.
 */
export class HttpProbe extends HealthProbe {
  probe({ url: text, timeoutMs, signal }: ProbeAsk): Promise<Probed> {
    if (signal.aborted) return Promise.resolve({ kind: 'aborted' });
    return new Promise((resolve, reject) => {
      const url = new URL(text);
      const one = new OneProbe(url, timeoutMs);
      const end = (settle: () => void) => {
        limit.stop();
        signal.removeEventListener('abort', abort);
        one.request.destroy();
        settle();
      };
      const answer = (probed: Probed) => {
        end(() => {
          resolve(probed);
        });
      };
      const abort = () => {
        answer({ kind: 'aborted' });
      };
      const fail = (error: unknown) => {
        const found = probeFault(error);
        end(() => {
          if (found.kind === 'no-answer') resolve(found);
          else reject(found.error);
        });
      };
      const timeIsUp = () => {
        // A name service that does not answer is not what was asked.
        if (one.isLookingUp) fail(Object.assign(new Error('the name service did not answer'), { code: 'EAI_AGAIN' }));
        else answer({ kind: 'no-answer', detail: `${one.standing} within ${timeoutMs} ms` });
      };
      const limit = new FairLimit(timeoutMs, timeIsUp);
      signal.addEventListener('abort', abort);
      one.request.on('error', fail);
      one.request.on('response', (response) => {
        one.read(response).then(answer, fail);
      });
      one.request.end();
    });
  }
}

/** A timer comes this late on any busy machine. */
const USUALLY_LATE_MS = 100;

/** Time in which this process did not run is none in which anybody could have answered it: it is given once more. */
class FairLimit {
  private timer: NodeJS.Timeout;

  constructor(
    ms: number,
    private readonly isUp: () => void,
  ) {
    const dueAt = performance.now() + ms;
    this.timer = setTimeout(() => {
      const lateMs = performance.now() - dueAt;
      if (lateMs < USUALLY_LATE_MS) this.isUp();
      else this.timer = setTimeout(this.isUp, Math.min(lateMs, ms));
    }, ms);
  }

  stop(): void {
    clearTimeout(this.timer);
  }
}

class OneProbe {
  readonly request: ClientRequest;
  isLookingUp: boolean;
  standing = 'no connection';

  constructor(url: URL, timeoutMs: number) {
    const host = url.hostname.replace(/^\[|\]$/g, '');
    this.isLookingUp = isIP(host) === 0;
    const request = url.protocol === 'https:' ? secureRequest : plainRequest;
    const headers = { accept: '*/*', 'accept-encoding': 'identity', connection: 'close', 'user-agent': 'stagegate' };
    // Node's own 250 ms would call what is far away and has several addresses down.
    const attempts = { autoSelectFamilyAttemptTimeout: Math.max(250, Math.floor(timeoutMs / 3)) };
    this.request = request(url, { method: 'GET', agent: false, headers, ...attempts });
    this.request.on('socket', (socket) => {
      socket.on('lookup', () => {
        this.isLookingUp = false;
      });
      socket.on('connect', () => {
        this.isLookingUp = false;
        this.standing = 'no answer';
      });
    });
  }

  /** @throws what broke the answer off. */
  async read(response: IncomingMessage): Promise<Probed> {
    this.standing = 'an answer that did not end';
    const kept: Buffer[] = [];
    let bytes = 0;
    for await (const part of response as AsyncIterable<Buffer>) {
      if (bytes < KEPT_BYTES) kept.push(part.subarray(0, KEPT_BYTES - bytes));
      bytes += part.length;
      if (bytes >= MOST_BYTES) break;
    }
    const text = new TextDecoder().decode(Buffer.concat(kept));
    return { kind: 'answered', status: response.statusCode ?? 0, text };
  }
}
