import type { IncomingHttpHeaders } from 'node:http';
import { hash } from 'node:crypto';
import type { Clock } from '../../application/ports/clock';
import type { Logger } from '../../application/ports/logger';
import { isProjectKey } from '../../domain/ids';
import { isHookSource, type HookSource } from '../../domain/hooks/hook-sources';
import type { Environment } from '../config/environment';
import type { HookSettings } from '../config/project/hook-settings';
import { headerIn, SOURCE_HEADERS } from './delivery-headers';
import { isSignedDelivery } from './delivery-signature';
import { nameOfPlace } from '../secrets/secret-place';
import { hookSecretAt } from './hook-secrets';
import { KeptSecrets } from './kept-secrets';
import { STANDARD_HEADERS } from './standard-webhooks';

/** What was sent, and whose it is, once its signature is found good. */
export interface SignedDelivery {
  readonly project: string;
  readonly source: HookSource;
  readonly headers: IncomingHttpHeaders;
  readonly body: Uint8Array;
  /** Of what was signed. */
  readonly digest: string;
}

/** Knows whose signatures are good. Asked before anything of a delivery is read. */
export class SignedDeliveries {
  private readonly kept: KeptSecrets;
  private readonly told = new Set<string>();

  constructor(
    private readonly deps: {
      readonly hooksOf: (project: string) => HookSettings;
      readonly environment: Environment;
      readonly clock: Clock;
      readonly logger: Logger;
    },
  ) {
    this.kept = new KeptSecrets(deps.clock);
  }

  /** @returns null for whoever is not let in, whatever the reason. */
  verified(
    project: string,
    source: string,
    { headers, body }: { readonly headers: IncomingHttpHeaders; readonly body: Uint8Array },
  ): SignedDelivery | null {
    const isKnown = isProjectKey(project) && isHookSource(source);
    const secrets = isKnown ? this.secretsOf(project, source) : [];
    const scheme = isHookSource(source) ? source : 'github';
    const isSigned = isSignedDelivery(scheme, secrets, { headers, body }, this.deps.clock.now());
    if (!isSigned || !isHookSource(source)) return null;
    return { project, source, headers, body, digest: digestOf(source, headers, body) };
  }

  private secretsOf(project: string, source: HookSource): readonly string[] {
    const { hooksOf, environment } = this.deps;
    const found = (hooksOf(project)[source] ?? []).map((place) =>
      this.kept.at(`${source} ${nameOfPlace(place)}`, () => hookSecretAt(place, source, environment)),
    );
    const secrets = found.flatMap((one) => ('secret' in one ? [one.secret] : []));
    // One of two may be missing: that is how they are changed.
    if (secrets.length === 0)
      for (const one of found) if ('missing' in one) this.tell(`${project}/${source}: ${one.missing}`);
    return secrets;
  }

  /** Anybody may ask for this: it is said once. */
  private tell(expected: string): void {
    if (!this.told.has(expected)) this.deps.logger.warn('webhooks are refused, as a secret is missing', { expected });
    this.told.add(expected);
  }
}

/** Of the bytes; of Standard Webhooks, which signs them too, of its id and time besides: the same text may be meant twice. */
function digestOf(source: HookSource, headers: IncomingHttpHeaders, body: Uint8Array): string {
  if (source !== 'generic') return hash('sha256', body, 'hex');
  const before = `${headerIn(headers, STANDARD_HEADERS.id)}.${headerIn(headers, STANDARD_HEADERS.timestamp)}.`;
  return hash('sha256', Buffer.concat([Buffer.from(before), body]), 'hex');
}

/** What a source calls its delivery; empty where it says nothing. */
export function deliveryIdOf({ source, headers }: Pick<SignedDelivery, 'source' | 'headers'>): string {
  return headerIn(headers, SOURCE_HEADERS[source].id);
}
