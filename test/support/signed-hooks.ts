import { createHmac } from 'node:crypto';
import { request, type IncomingMessage } from 'node:http';
import { once } from 'node:events';
import { text } from 'node:stream/consumers';
import type { HookSource } from '../../src/domain/hooks/hook-sources';
import { standardKey, standardSignature } from '../../src/infrastructure/hooks/standard-webhooks';

export const HOOK_SECRETS: Readonly<Record<HookSource, string>> = {
  github: 'a secret of github',
  gitea: 'a secret of gitea!',
  plane: 'plane_wh_5ecret0123456789',
  generic: `whsec_${Buffer.from('a key of 24 bytes or so!').toString('base64')}`,
};

export interface Sent {
  readonly source: HookSource;
  readonly id: string;
  readonly event: string;
  readonly body: string | Buffer;
  readonly secret?: string;
  readonly project?: string;
  readonly headers?: Readonly<Record<string, string>>;
  /** Seconds; only `generic` has one. */
  readonly timestamp?: number;
}

export interface HookAnswer {
  readonly status: number;
  readonly text: string;
  readonly body: Readonly<Record<string, unknown>>;
}

/** As the source sends it. */
export function signedHeaders(sent: Sent): Readonly<Record<string, string>> {
  const { source, id, event, body, secret = HOOK_SECRETS[source], timestamp = Math.floor(Date.now() / 1000) } = sent;
  if (source === 'generic') {
    const key = standardKey(secret) ?? Buffer.alloc(0);
    const signature = standardSignature(key, { id, timestamp: String(timestamp), body });
    return { 'webhook-id': id, 'webhook-timestamp': String(timestamp), 'webhook-signature': signature };
  }
  const digest = createHmac('sha256', secret).update(body).digest('hex');
  const [header, signature] =
    source === 'github' ? ['x-hub-signature-256', `sha256=${digest}`] : [`x-${source}-signature`, digest];
  return { [`x-${source}-delivery`]: id, [`x-${source}-event`]: event, [header]: signature };
}

export function sendHook(url: string, sent: Sent): Promise<HookAnswer> {
  const { source, project = 'web', body, headers = {} } = sent;
  const all = { 'content-type': 'application/json', ...signedHeaders(sent), ...headers };
  return post(`${url}/v1/hooks/${project}/${source}`, all, body);
}

export async function post(
  url: string,
  headers: Readonly<Record<string, string>>,
  body: string | Buffer,
  method = 'POST',
): Promise<HookAnswer> {
  const length = String(Buffer.byteLength(body));
  const asked = request(url, { method, headers: { ...headers, 'content-length': length } });
  asked.end(body);
  const [answer] = (await once(asked, 'response')) as [IncomingMessage];
  const said = await text(answer);
  return { status: answer.statusCode ?? 0, text: said, body: JSON.parse(said) as HookAnswer['body'] };
}
