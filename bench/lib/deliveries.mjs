import { createHmac } from 'node:crypto';
import { Agent, request } from 'node:http';
import { text } from 'node:stream/consumers';

export const SECRET = 'a secret of the benchmark of webhooks';
/** The check that the project requires. */
export const CHECK = 'build';
/** Payloads of GitHub have some thousand characters. */
const BYTES = 8_000;

/**
 * Distinct deliveries of GitHub: half pushes, half what became of a check of a task's head.
 *
 * @param {number} count
 * @param {readonly string[]} heads
 */
export function distinctDeliveries(count, heads) {
  return Array.from({ length: count }, (_, index) => {
    const isCheck = index % 2 === 1;
    const run = {
      name: CHECK,
      status: 'completed',
      conclusion: 'neutral',
      head_sha: heads[(index >> 1) % heads.length],
    };
    const payload = isCheck
      ? { action: 'completed', check_run: { ...run, html_url: `https://ci.example/${index}` } }
      : { ref: 'refs/heads/change', after: index.toString(16).padStart(40, '0') };
    const body = Buffer.from(JSON.stringify({ ...payload, pad: 'x'.repeat(BYTES - 250) }));
    const headers = {
      'content-type': 'application/json',
      'content-length': String(body.length),
      'x-github-delivery': `bench-${index}`,
      'x-github-event': isCheck ? 'check_run' : 'push',
      'x-hub-signature-256': `sha256=${createHmac('sha256', SECRET).update(body).digest('hex')}`,
    };
    return { body, headers, isCheck };
  });
}

/** Each twice, in an order that is the same each time. */
export function twiceShuffled(deliveries) {
  const all = [...deliveries, ...deliveries];
  let seed = 1;
  for (let at = all.length - 1; at > 0; at -= 1) {
    seed = (seed * 1_103_515_245 + 12_345) % 2_147_483_648;
    const other = seed % (at + 1);
    [all[at], all[other]] = [all[other], all[at]];
  }
  return all;
}

/** @returns sends a delivery over one of so many connections, and resolves to the status and how often it was sent again. */
export function senderTo(url, connections) {
  const agent = new Agent({ keepAlive: true, maxSockets: connections });
  const once = ({ body, headers }, over) =>
    new Promise((resolve, reject) => {
      const options = { method: 'POST', headers, agent: over };
      const asked = request(`${url}/v1/hooks/web/github`, options, (answer) => {
        text(answer).then(() => resolve(answer.statusCode), reject);
      });
      asked.on('error', reject);
      asked.end(body);
    });
  const send = async (delivery) => {
    try {
      return { status: await once(delivery, agent), resent: 0 };
    } catch (error) {
      // The service closes connections that have been idle for seconds, also one that is taken up again at that moment.
      if (error.code !== 'ECONNRESET') throw error;
      return { status: await once(delivery, false), resent: 1 };
    }
  };
  return { send, close: () => agent.destroy() };
}
