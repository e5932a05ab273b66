import type { AlertMessage } from '../../application/ports/alert-sink';
import type { SecretPlace } from '../secrets/secret-place';

/** Which alerts a sink gets; null: of all projects, all severities. */
export interface AlertRoute {
  readonly projects: readonly string[] | null;
  readonly severities: readonly AlertMessage['severity'][] | null;
}

interface OfHttp {
  readonly url: string | SecretPlace;
  /** Hosts and addresses that are not public, and may be spoken to all the same. */
  readonly allowed: readonly string[];
}

interface OfMail {
  readonly from: string;
  readonly to: readonly string[];
  /** Null where the server asks for none. */
  readonly login: { readonly user: string; readonly password: SecretPlace } | null;
}

export type AlertSinkSettings = { readonly name: string; readonly route: AlertRoute } & (
  | ({ readonly kind: 'webhook'; readonly secrets: readonly SecretPlace[] } & OfHttp)
  | ({ readonly kind: 'slack' } & OfHttp)
  | ({ readonly kind: 'email' } & OfHttp & OfMail)
);

export interface AlertSettings {
  readonly sinks: readonly AlertSinkSettings[];
}

export function isFor({ projects, severities }: AlertRoute, { project, severity }: AlertMessage): boolean {
  return (projects?.includes(project) ?? true) && (severities?.includes(severity) ?? true);
}
