import { Agent, request } from 'node:http';
import { Dice } from './fuzz/dice';
import { DocumentedAnswers, type Answer } from './fuzz/documented-answers';
import { fuzzedRequest, type FuzzedRequest } from './fuzz/fuzzed-request';
import { ordersOf } from '../../support/orders';
import { startSampleAndLogs, type SampleAndLogs } from './sample-and-logs';

const LIMIT_MS = 3_600_000;
/** Of each store. `npm run fuzz:rest` sends many more. */
const REQUESTS = Number(process.env['STAGEGATE_SELFTEST_REQUESTS'] ?? 400);
const SEED = Number(process.env['STAGEGATE_SELFTEST_SEED'] ?? 20);
const AT_ONCE = 4;

const documented = new DocumentedAnswers();
let ground: SampleAndLogs;
beforeAll(async () => {
  ground = await startSampleAndLogs();
});
afterAll(() => ground.stop());

it.each(['embedded', 'PostgreSQL'] as const)(
  'every answer to requests made from the document is as the document says, on a store that is %s',
  async (kind) => {
    const served = await ground.serve(kind);
    const agent = new Agent({ keepAlive: true });
    const operations = documented.operations();
    const dice = new Dice(SEED);
    const faults: string[] = [];
    const statuses = new Map<number, number>();
    let count = 0;
    await writeArtifact(served.url, agent);
    const lane = async () => {
      while (count < REQUESTS) {
        count += 1;
        // Each in turn, so that none is left out.
        const operation = operations[count % operations.length] ?? operations[0];
        if (!operation) return;
        const asked = fuzzedRequest(operation, dice, count);
        const answer = await ask(served.url, agent, asked);
        statuses.set(answer.status, (statuses.get(answer.status) ?? 0) + 1);
        // A method that there is not, and a path that has become another one, are none of the document.
        const isOther = asked.method !== operation.method || (answer.status === 404 && answer.text.includes('Cannot '));
        const fault = isOther && answer.status < 500 ? null : documented.faultOf(operation, answer);
        if (fault !== null)
          faults.push(
            `${asked.method} ${asked.path.slice(0, 200)} ${JSON.stringify(asked.headers).slice(0, 200)} ${String(asked.body).slice(0, 200)}: ${fault}: ${answer.text.slice(0, 100)}`,
          );
      }
    };
    await Promise.all(Array.from({ length: AT_ONCE }, lane));
    agent.destroy();
    const { errors } = served;
    await served.stop();
    expect(faults.slice(0, 20)).toEqual([]);
    expect(errors).toEqual([]);
    // Neither everything refused nor nothing.
    const often = [200, 201, 400, 404, 409, 422];
    for (const status of REQUESTS >= 10_000 ? [...often, 206, 304, 412, 416, 428] : often)
      expect([status, statuses.has(status)]).toEqual([status, true]);
    if (REQUESTS > 1_000)
      process.stdout.write(
        `${kind}: ${count} requests, ${faults.length} faults, ${JSON.stringify(Object.fromEntries([...statuses].sort(([a], [b]) => a - b)))}\n`,
      );
  },
  LIMIT_MS,
);

/** What has been written about a task can be read when somebody has cancelled it, which happens soon. */
async function writeArtifact(url: string, agent: Agent): Promise<void> {
  const evidence = ordersOf({ method: 'POST', path: '/v1/tasks/:id/evidence' });
  const submission = { method: 'POST', path: '/v1/tasks', body: { project: 'web', id: 'T1', branch: 'feature' } };
  const headers = { 'content-type': 'application/json' };
  for (const { method, path, body } of [submission, ...evidence]) {
    const { status } = await ask(url, agent, { method, path, headers, body: JSON.stringify(body) });
    expect([200, 201]).toContain(status);
  }
}

/** @returns of a stream that does not end no more than its head. */
function ask(url: string, agent: Agent, { method, path, headers, body }: FuzzedRequest): Promise<Answer> {
  const { hostname, port } = new URL(url);
  const length = body === null ? {} : { 'content-length': String(Buffer.byteLength(body)) };
  return new Promise((resolve, reject) => {
    const asked = request({ hostname, port, method, path, agent, headers: { ...headers, ...length } }, (answer) => {
      const status = answer.statusCode ?? 0;
      const type = answer.headers['content-type'] ?? '';
      let text = '';
      if (type.startsWith('text/event-stream')) {
        resolve({ status, type, text });
        asked.destroy();
        return;
      }
      answer.setEncoding('utf8').on('data', (more: string) => (text += more));
      answer.on('end', () => {
        resolve({ status, type, text });
      });
    });
    asked.on('error', reject).end(body);
  });
}
