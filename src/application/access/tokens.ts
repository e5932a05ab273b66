import type { AccessCommand, AccessRejection } from '../../domain/access/access.commands';
import { decideAccess } from '../../domain/access/access.decider';
import { ACCESS_EVENT_VERSIONS, type AccessEvent } from '../../domain/access/access.events';
import {
  evolveAccess,
  initialAccess,
  isLive,
  principalWith,
  type Access,
  type Token,
} from '../../domain/access/access.state';
import { TOKEN_LIFE_DAYS, type Grant } from '../../domain/access/grant';
import { tokenText } from '../../domain/access/token-text';
import { lacking } from '../../domain/authority/needed-rights';
import type { Principal, ProjectScope } from '../../domain/authority/principal';
import { damageText } from '../../domain/damage';
import { ACCESS_STREAM } from '../../domain/ids';
import { instant, parseInstant, plusMs, type Instant } from '../../domain/instant';
import { A_REASON, isReason } from '../../domain/task/texts';
import type { KeeperDeps } from '../conductor/lane-repository';
import { RequestRefused, unfit } from '../refusals';
import { readAccessEvent } from '../read-events';
import { quoted } from '../secrets';
import type { Projects } from '../projects';
import type { Folded, StreamKind } from '../stream-kind';
import { StreamRepository } from '../stream-repository';

/** A token as its keepers see it: nothing of this lets anybody in. */
export type TokenView = Omit<Token, 'digest'>;
/** What is asked for; of the parts of a grant that are left out, the widest place and the shortest time. */
export type TokenRequest = Pick<Grant, 'name' | 'scopes'> &
  Partial<Pick<Grant, 'projects' | 'kind'>> & {
    /** An instant as people write it; null for never. */
    readonly expiresAt?: string | null;
  };

/** What is said once, to whoever has asked for it. */
export type NewToken = TokenView & { readonly token: string };

export interface TokensDeps extends KeeperDeps {
  readonly projects: Pick<Projects, 'get' | 'all'>;
  readonly onAppended?: () => void;
}

const ACCESS: StreamKind<Access, AccessEvent> = {
  streamOf: () => ACCESS_STREAM,
  versions: ACCESS_EVENT_VERSIONS,
  initial: initialAccess(),
  read: readAccessEvent,
  evolve: (access, event, { at }) => evolveAccess(access, event, at),
  damageOf: ({ damage }) => damage,
  remembered: 1,
  remembersNothing: true,
};
const ATTEMPTS = 3;
const DAY_MS = 24 * 3_600_000;
const AN_INSTANT = 'an instant with its zone, as 2027-01-31T09:30:00Z';

/** Makes tokens, takes them back, and knows whose one is. */
export class Tokens {
  private readonly access: StreamRepository<Access, AccessEvent>;

  constructor(private readonly deps: TokensDeps) {
    this.access = new StreamRepository(ACCESS, deps);
  }

  async create(request: TokenRequest, principal: Principal): Promise<NewToken> {
    demandRight(principal, 'CreateToken');
    // Named one by one: a caller may have sent more than that.
    const { name, scopes, projects = '*', kind = 'service' } = request;
    const expiresAt = this.endOf(request);
    this.demandProjects(projects);
    const { ids, hasher } = this.deps;
    const [id, token] = [ids.uuid(), tokenText(ids.secret())];
    const data = { id, name, digest: hasher.sha256(token), scopes, projects, kind, expiresAt };
    const made = await this.execute({ type: 'CreateToken', data }, principal);
    return { ...viewOf(tokenIn(made, id)), token };
  }

  /** @param named its id, or the name of one that has not been revoked. */
  async revoke(named: string, reason: string, principal: Principal): Promise<TokenView> {
    demandRight(principal, 'RevokeToken');
    if (!isReason(reason)) throw unfit('invalid-reason', 'reason', A_REASON, reason);
    const { tokens } = await this.current();
    const byName = tokens.filter(({ name, revoked }) => name === named && !revoked).at(-1);
    const id = tokens.find((one) => one.id === named)?.id ?? byName?.id ?? named;
    return viewOf(tokenIn(await this.execute({ type: 'RevokeToken', data: { id, reason } }, principal), id));
  }

  /** Whether anybody would be let in by a token now. @throws what the store throws while it cannot be asked. */
  async isAnyLive(): Promise<boolean> {
    const { tokens } = await this.current();
    return tokens.some((token) => isLive(token, this.now()));
  }

  /** Every token that there ever was, the newest first. */
  async list(principal: Principal): Promise<readonly TokenView[]> {
    demandRight(principal, 'ListTokens');
    return (await this.current()).tokens.map(viewOf).reverse();
  }

  /**
   * Who has sent this. The stream is read on each time, so that what any replica has revoked counts at the next request.
   *
   * @returns null for nobody who is let in, whatever the reason.
   * @throws what the store throws while it cannot be asked.
   */
  async principalOf(token: string): Promise<Principal | null> {
    const { state } = await this.access.load(ACCESS_STREAM);
    return principalWith(state, this.deps.hasher.sha256(token), this.now());
  }

  private async execute(command: AccessCommand, principal: Principal): Promise<Access> {
    let loaded = await this.access.load(ACCESS_STREAM);
    for (let attempt = 0; attempt < ATTEMPTS; attempt += 1) {
      const at = this.now();
      const decision = decideAccess(loaded.state, command, { at, principal });
      if (decision.kind === 'reject') throw refusedAs(decision.reason, decision.detail);
      if (decision.kind === 'nothing') return loaded.state;
      const stored = await this.append(loaded, command, decision.events, { at, actor: principal.name, attempt });
      if (stored) return stored;
      loaded = await this.access.load(ACCESS_STREAM);
    }
    throw new RequestRefused('conflict', 'contended', `lost ${ATTEMPTS} races in a row; ask again`);
  }

  /** @returns null when somebody was faster. */
  private async append(
    loaded: Folded<Access>,
    { type, data }: AccessCommand,
    events: readonly AccessEvent[],
    { at, actor, attempt }: { readonly at: Instant; readonly actor: string; readonly attempt: number },
  ): Promise<Access | null> {
    const { ids, hasher, worker, onAppended } = this.deps;
    const fields = {
      occurredAt: at,
      actor,
      worker,
      correlationId: data.id,
      causationId: loaded.lastEventId,
      policyDigest: null,
    };
    const state = events.reduce((before, event) => evolveAccess(before, event, at), loaded.state);
    // Two who revoke one token at once, each for a reason, are two: the log says whose came first.
    const commandId = `${type}:${data.id}:${ids.uuid()}#${attempt}`;
    const idOf = (index: number) => ids.eventId(commandId, index);
    const prepared = this.access.prepare(ACCESS_STREAM, loaded, { state, events, fields }, { hasher, idOf });
    if ((await this.access.store(prepared, this.deps)) === 'conflict') return null;
    onAppended?.();
    return state;
  }

  private async current(): Promise<Access> {
    const { state } = await this.access.load(ACCESS_STREAM);
    if (state.damage) throw refusedAs('store-corrupt', damageText(state.damage));
    return state;
  }

  private endOf({ expiresAt }: TokenRequest): Instant | null {
    if (expiresAt === undefined) return plusMs(this.now(), TOKEN_LIFE_DAYS * DAY_MS);
    if (expiresAt === null) return null;
    const end = parseInstant(expiresAt);
    if (end === null) throw unfit('invalid-token', 'expiresAt', AN_INSTANT, expiresAt);
    return end;
  }

  private demandProjects(projects: ProjectScope): void {
    // What is no list of keys is for the rules to refuse.
    if (!Array.isArray(projects)) return;
    const unknown = (projects as readonly string[]).find((key) => this.deps.projects.get(key) === null);
    if (unknown === undefined) return;
    const known = this.deps.projects.all().map(({ policy }) => policy.project);
    const text = `projects: expected some of ${known.join(', ') || 'none configured'}, saw ${quoted(unknown)}; correct it`;
    throw new RequestRefused('unknown', 'unknown-project', text);
  }

  private now(): Instant {
    return instant(this.deps.clock.now());
  }
}

function demandRight(principal: Principal, command: 'CreateToken' | 'RevokeToken' | 'ListTokens'): void {
  const lack = lacking(principal, command, null);
  if (lack !== null) throw refusedAs('not-allowed', lack);
}

const KINDS: Readonly<Record<AccessRejection, RequestRefused['kind']>> = {
  'not-allowed': 'forbidden',
  'store-corrupt': 'conflict',
  'invalid-token': 'invalid',
  'token-name-taken': 'conflict',
  'unknown-token': 'unknown',
};

function refusedAs(reason: AccessRejection, detail: string): RequestRefused {
  return new RequestRefused(KINDS[reason], reason, detail);
}

function tokenIn({ tokens }: Access, id: string): Token {
  const token = tokens.find((one) => one.id === id);
  if (!token) throw new Error(`token ${id} was accepted and is not there`);
  return token;
}

function viewOf(token: Token): TokenView {
  const { id, name, kind, scopes, projects, createdAt, createdBy, expiresAt, revoked } = token;
  return { id, name, kind, scopes, projects, createdAt, createdBy, expiresAt, revoked };
}
