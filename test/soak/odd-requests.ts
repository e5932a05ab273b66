import { connect, type Socket } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';
import type { Replica } from '../chaos/replica';
import type { Random } from '../simulation/random';

interface OddRequest {
  readonly method: 'GET' | 'POST';
  readonly path: string;
  readonly body?: string;
}

const PAUSE_MS = 250;
const ANSWER_WITHIN_MS = 8_000;
/** Connections whose request never ends, at any time. */
const SLOW_BODIES = 10;
const task = (fields: string) => `{"project":"web","branch":"change/T1","startStage":"deploy-staging",${fields}}`;
const post = (body: string, path = '/v1/tasks'): OddRequest => ({ method: 'POST', path, body });
const get = (path: string): OddRequest => ({ method: 'GET', path });

/** A caller's mistake, each: answered with 4xx, and nothing of it is stored. */
const ODD_REQUESTS: readonly OddRequest[] = [
  post('['.repeat(100_000) + ']'.repeat(100_000)),
  post('{"a":'.repeat(20_000) + '1' + '}'.repeat(20_000)),
  post(task('"id":"ODD1","title":"\\ud800"')),
  post(task('"id":"ODD2","title":"a\\u0000b"')),
  post(task('"id":"ODD3","title":"\\udc00"')),
  post(task('"id":"ODD4","title":"t","priority":-0.5')),
  post(task('"id":"ODD5","title":"t","priority":1e29')),
  post(task('"id":"ODD6","title":"t","unknown":1')),
  post(task(`"id":"ODD7","title":"${'x'.repeat(2_000_000)}"`)),
  post(task('"id":"ODD8\\u0000","title":"t"')),
  post('{"reason":"\\ud800"}', '/v1/tasks/web.T1/hold'),
  post('{"reason":"a\\u0000"}', '/v1/tasks/web.T1/cancel'),
  post('{"reason":"x"}', '/v1/tasks/web.%00/hold'),
  post('{', '/v1/tasks'),
  get('/v1/tasks/%00'),
  get('/v1/tasks/web.%ff%fe'),
  get('/v1/tasks/web.T%00/events'),
  get('/v1/runs/%00/log'),
  get('/queue?project=nobody'),
  get('/queue?unknown=1'),
  get('/queue?at=2026-02-30'),
  get('/queue?at=-1'),
  get('/queue?limit=1e29'),
  get('/queue?cursor=%00'),
  get('/%00'),
];

/** Asks for what nobody should ask for, and keeps what was answered out of place. */
export class OddRequests {
  readonly unexpected: string[] = [];
  answered = 0;
  /** Slow connections that a replica ended, which it has to at some time. */
  slowEnded = 0;
  private readonly slow = new Set<Socket>();

  constructor(
    private readonly replicas: readonly Replica[],
    private readonly random: Random,
  ) {}

  async live(signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      const replica = this.random.pick(this.replicas);
      const { url } = replica;
      if (url !== null) {
        await this.ask(replica, this.random.pick(ODD_REQUESTS));
        if (this.slow.size < SLOW_BODIES) this.beginSlowly(url);
      }
      await delay(PAUSE_MS * this.random.between(0.3, 1.7));
    }
  }

  /** Those that are still open: a service that stops may not wait for them. */
  endSlow(): void {
    for (const socket of this.slow) socket.destroy();
  }

  private async ask(replica: Replica, { method, path, body }: OddRequest): Promise<void> {
    const asked = `${method} ${path} ${(body ?? '').slice(0, 80)}`;
    try {
      const { url, headers } = replica;
      const answer = await fetch(`${url}${path}`, {
        method,
        ...(body !== undefined && { body, headers }),
        signal: AbortSignal.timeout(ANSWER_WITHIN_MS),
      });
      await answer.arrayBuffer();
      this.answered += 1;
      if (answer.status < 400 || answer.status > 499) this.unexpected.push(`${asked}: ${answer.status}`);
    } catch (error) {
      // A body over the limit may be cut off while it is still being sent.
      if (body === undefined || body.length < 1_000_000) this.unexpected.push(`${asked}: ${String(error)}`);
    }
  }

  private beginSlowly(url: string): void {
    const { port, hostname } = new URL(url);
    const socket = connect(Number(port), hostname);
    this.slow.add(socket);
    socket.write(
      `POST /v1/tasks HTTP/1.1\r\nhost: x\r\ncontent-type: application/json\r\ncontent-length: 100\r\n\r\n{`,
    );
    socket.resume();
    socket.on('error', () => undefined); // A replica that ends it with a reset ended it.
    socket.on('close', () => {
      this.slow.delete(socket);
      this.slowEnded += 1;
    });
  }
}
