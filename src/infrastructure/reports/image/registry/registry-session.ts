import { setTimeout as pause } from 'node:timers/promises';
import { boundedJson } from '../../bounded-json';
import { MOST_BLOB_BYTES } from '../descriptors';
import { mayLeadTo, type Reach } from '../../../outbound/addresses';
import { parseChallenge } from './challenge';
import type { Resolve } from '../../../outbound/guarded-lookup';
import { guardedGet, type Answer } from './guarded-get';
import type { Reference } from './reference';
import { RegistryFault } from './registry-fault';

export interface SessionOptions {
  readonly reference: Reference;
  readonly credentials: string | null;
  readonly isInsecure: boolean;
  readonly signal: AbortSignal;
  readonly resolve?: Resolve | undefined;
}

const MOST_REDIRECTS = 5;
const REDIRECTS: readonly number[] = [301, 302, 303, 307, 308];
/** Longer pauses are for the back-off of the job, which does not hold the lane. */
const LONGEST_PAUSE_MS = 10_000;
const MOST_PAUSES = 2;
const MOST_TOKEN_BYTES = 64 * 1024;
const TOKEN = /^[\x21-\x7e]{1,20000}$/;

/** Asks one registry about one repository, with the right to pull and no other. @throws RegistryFault */
export class RegistrySession {
  private readonly origin: URL;
  private authorization: string | null = null;
  /** Who the registry is, once it has answered. */
  private reach: Reach | null = null;

  constructor(private readonly options: SessionOptions) {
    const { reference, isInsecure } = options;
    this.origin = new URL(`${isInsecure ? 'http' : 'https'}://${reference.host}`);
  }

  /** @param path behind the repository: `manifests/latest`, `blobs/sha256:…`. */
  async get(path: string, accept: string): Promise<Answer> {
    const url = new URL(`/v2/${this.options.reference.repository}/${path}`, this.origin);
    for (let pauses = 0; ; pauses += 1) {
      const answer = await this.authorized(url, accept);
      const waitMs = answer.status === 429 ? retryAfterMs(answer.header('retry-after')) : null;
      if (waitMs === null || waitMs > LONGEST_PAUSE_MS || pauses === MOST_PAUSES) return this.checked(answer, path);
      await pause(waitMs, undefined, { signal: this.options.signal }).catch(() => {
        throw this.fault('registry_down', 'expected an answer, saw it ask for patience until the time was up');
      });
    }
  }

  private async authorized(url: URL, accept: string): Promise<Answer> {
    const answer = await this.followed(url, accept);
    if (answer.status !== 401 || this.authorization !== null) return answer;
    this.authorization = await this.authorize(answer.header('www-authenticate'));
    return this.followed(url, accept);
  }

  /** Registries keep blobs elsewhere. Nobody but the registry itself is told who asks. */
  private async followed(first: URL, accept: string): Promise<Answer> {
    let url = first;
    for (let hops = 0; ; hops += 1) {
      const answer = await this.ask(url, accept, url.origin === this.origin.origin ? this.authorization : null);
      const location = answer.header('location');
      if (!REDIRECTS.includes(answer.status) || location === null) return answer;
      if (hops === MOST_REDIRECTS)
        throw this.fault('registry_malformed', `expected at most ${MOST_REDIRECTS} redirects, saw more`);
      url = this.led(url, location);
    }
  }

  private led(from: URL, location: string): URL {
    const to = URL.canParse(location, from.href) ? new URL(location, from) : null;
    const isSecure = to?.protocol === 'https:' || (to?.protocol === 'http:' && from.protocol === 'http:');
    if (!to || !isSecure || to.username !== '' || to.password !== '')
      throw this.fault('registry_unsafe', 'expected to be led to an https address, saw another one');
    return to;
  }

  private async ask(
    url: URL,
    accept: string,
    authorization: string | null,
    mostBytes = MOST_BLOB_BYTES,
  ): Promise<Answer> {
    const { signal, resolve } = this.options;
    const isOwn = url.host === this.origin.host;
    const { reach } = this;
    const answer = await guardedGet({
      url,
      headers: {
        accept,
        'accept-encoding': 'identity',
        'user-agent': 'stagegate',
        ...(authorization === null ? {} : { authorization }),
      },
      mostBytes,
      // The operator has named the registry, wherever it is. From then on nobody may be nearer to us than it was.
      mayReach: (to) => (reach === null ? isOwn && to !== 'nobody' : mayLeadTo(reach, to)),
      signal,
      resolve,
    });
    this.reach ??= answer.reach;
    return answer;
  }

  private async authorize(header: string | null): Promise<string> {
    const { credentials, reference } = this.options;
    const challenge = parseChallenge(header);
    if (!challenge)
      throw this.fault('registry_malformed', 'expected to be told how to sign in, saw a 401 that tells nothing');
    const basic = credentials === null ? null : `Basic ${Buffer.from(credentials).toString('base64')}`;
    if (challenge.kind === 'basic') {
      if (basic === null)
        throw this.fault('registry_refused', 'expected to be let in, saw that it wants `credentials`');
      return basic;
    }
    const realm = this.led(this.origin, challenge.realm);
    if (realm.protocol !== 'https:' && realm.origin !== this.origin.origin)
      throw this.fault('registry_unsafe', 'expected tokens from itself or over https, saw another place for them');
    if (challenge.service !== null) realm.searchParams.set('service', challenge.service);
    realm.searchParams.set('scope', `repository:${reference.repository}:pull`);
    const answer = await this.ask(realm, 'application/json', basic, MOST_TOKEN_BYTES);
    return `Bearer ${tokenIn(this.checked(answer, 'a token', 'registry_malformed'), realm)}`;
  }

  /** @returns the answer that it is, or throws what else its status says. */
  private checked(answer: Answer, what: string, missing: RegistryFault['reason'] = 'no_image'): Answer {
    const { status } = answer;
    const saw = `expected ${what}, saw status ${status}`;
    if (status === 200) {
      const encoding = answer.header('content-encoding') ?? 'identity';
      if (encoding !== 'identity')
        throw this.fault('registry_malformed', `expected plain bytes, saw ${encoding.slice(0, 40)}`);
      return answer;
    }
    if (status === 401 || status === 403)
      throw this.fault('registry_refused', `${saw}: it does not let us in, or has no such repository`);
    if (status === 404) throw this.fault(missing, saw);
    if (status === 429) {
      const wait = answer.header('retry-after');
      throw this.fault(
        'registry_down',
        `${saw}: too many questions${wait === null ? '' : `, ask again after ${wait.slice(0, 40)}`}`,
      );
    }
    throw this.fault(status >= 500 ? 'registry_down' : 'registry_malformed', saw);
  }

  private fault(reason: RegistryFault['reason'], what: string): RegistryFault {
    return new RegistryFault(reason, `${this.options.reference.host}: ${what}`);
  }
}

/** Seconds, or a date. @returns null where nothing is said. */
function retryAfterMs(header: string | null): number | null {
  if (header === null) return null;
  if (/^\d{1,6}$/.test(header)) return Number(header) * 1000;
  const until = Date.parse(header);
  return Number.isNaN(until) ? null : Math.max(0, until - Date.now());
}

function tokenIn({ bytes }: Answer, { host }: URL): string {
  const json = boundedJson(new TextDecoder().decode(bytes));
  const value = 'value' in json && typeof json.value === 'object' ? json.value : null;
  const { token, access_token: other } = (value ?? {}) as { readonly token?: unknown; readonly access_token?: unknown };
  const found = token ?? other;
  if (typeof found !== 'string' || !TOKEN.test(found))
    throw new RegistryFault('registry_malformed', `${host}: expected a token, saw none in the answer`);
  return found;
}
