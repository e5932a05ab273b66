import fc from 'fast-check';
import type { AccessCommand, AccessCommandData } from '../../../src/domain/access/access.commands';
import { decideAccess } from '../../../src/domain/access/access.decider';
import {
  evolveAccess,
  initialAccess,
  isLive,
  principalWith,
  type Access,
} from '../../../src/domain/access/access.state';
import { isSameDigest } from '../../../src/domain/access/same-digest';
import { LOCAL, type Principal } from '../../../src/domain/authority/principal';
import { plusMs, type Instant } from '../../../src/domain/instant';
import { START } from '../../support/given-when-then';

const HOUR = 3_600_000;
const CI: AccessCommandData['CreateToken'] = {
  id: 't1',
  digest: 'a'.repeat(64),
  name: 'ci',
  scopes: ['work'],
  projects: ['web'],
  kind: 'agent',
  expiresAt: plusMs(START, HOUR),
};

const decided = (access: Access, command: AccessCommand, at = START, principal = LOCAL) =>
  decideAccess(access, command, { at, principal });
const create = (more: Partial<typeof CI> = {}): AccessCommand => ({ type: 'CreateToken', data: { ...CI, ...more } });
const revoke = (id = 't1'): AccessCommand => ({ type: 'RevokeToken', data: { id, reason: 'leaked' } });

/** What the commands lead to, each of which has to be accepted. */
function after(...commands: readonly AccessCommand[]): Access {
  return commands.reduce((access, command) => {
    const decision = decided(access, command);
    if (decision.kind !== 'accept') throw new Error(`${command.type}: ${JSON.stringify(decision)}`);
    return decision.events.reduce((before, event) => evolveAccess(before, event, START), access);
  }, initialAccess());
}

const whoIs = (access: Access, at: Instant = START) => principalWith(access, CI.digest, at);

describe('a token', () => {
  it('lets in whoever has its secret as its principal', () => {
    const { name, kind, projects } = CI;
    expect(whoIs(after(create()))).toEqual({ name, kind, projects, rights: ['work'] });
    expect(principalWith(after(create()), 'b'.repeat(64), START)).toBeNull();
  });

  it('lets nobody in from the instant on that it expires at', () => {
    const access = after(create());
    expect(whoIs(access, plusMs(START, HOUR - 1))).not.toBeNull();
    expect(whoIs(access, plusMs(START, HOUR))).toBeNull();
    expect(whoIs(after(create({ expiresAt: null })), plusMs(START, 10_000 * HOUR))).not.toBeNull();
  });

  it('lets nobody in once it is revoked, while another one of that name does', () => {
    const access = after(create(), revoke(), create({ id: 't2', digest: 'c'.repeat(64) }));
    expect(whoIs(access)).toBeNull();
    expect(principalWith(access, 'c'.repeat(64), START)?.name).toBe('ci');
  });

  it('lets nobody in when an event of the stream cannot be relied on, whatever came before', () => {
    const damage = { stream: 'access-tokens', revision: '1', type: 'TokenRevoked', reason: 'odd' };
    const damaged = evolveAccess(after(create()), { type: 'Unreadable', data: damage }, START);
    expect(whoIs(damaged)).toBeNull();
    expect(decided(damaged, revoke())).toMatchObject({ kind: 'reject', reason: 'store-corrupt' });
    expect(evolveAccess(damaged, { type: 'TokenCreated', data: { ...CI, by: 'x' } }, START)).toEqual(damaged);
  });
});

describe('making and revoking', () => {
  it('the same command twice gives no second event', () => {
    expect(decided(after(create()), create())).toEqual({ kind: 'nothing' });
    expect(decided(after(create(), revoke()), revoke())).toEqual({ kind: 'nothing' });
  });

  it('events say who asked', () => {
    const admin: Principal = { name: 'bea', kind: 'person', rights: ['admin'], projects: '*' };
    expect(decided(initialAccess(), create(), START, admin)).toMatchObject({ events: [{ data: { by: 'bea' } }] });
    const reason = 'leaked';
    expect(decided(after(create()), revoke(), START, admin)).toMatchObject({
      events: [{ type: 'TokenRevoked', data: { id: 't1', by: 'bea', reason } }],
    });
  });

  it.each([
    ['nobody without admin', { ...LOCAL, rights: ['operate', 'work'] as const }],
    ['nobody with admin in some projects', { ...LOCAL, projects: ['web'] }],
  ])('%s may do it', (_, principal) => {
    for (const command of [create(), revoke()])
      expect(decided(after(create()), command, START, principal)).toMatchObject({ reason: 'not-allowed' });
  });

  it('a name is that of one live token only, in whatever case', () => {
    const again = create({ id: 't2', name: 'CI' });
    expect(decided(after(create()), again)).toMatchObject({ reason: 'token-name-taken' });
    expect(decided(after(create(), revoke()), again).kind).toBe('accept');
    const later = create({ id: 't2', expiresAt: null });
    expect(decided(after(create()), later, plusMs(START, HOUR)).kind).toBe('accept');
  });

  it('no id is used again, and none is revoked that is not there', () => {
    expect(decided(after(create()), create({ digest: 'b'.repeat(64) }))).toMatchObject({ reason: 'invalid-token' });
    expect(decided(after(create()), revoke('t9'))).toMatchObject({ reason: 'unknown-token' });
  });

  it.each<[string, Partial<typeof CI>, RegExp]>([
    ['no scope', { scopes: [] }, /^scopes: expected some of read, submit, work, operate, admin, each once;/],
    ['a scope twice', { scopes: ['work', 'work'] }, /^scopes: /],
    ['a scope that there is not', { scopes: ['conduct' as never] }, /^scopes: /],
    [
      'admin for an agent',
      { scopes: ['work', 'admin'], projects: '*' },
      /none of operate, admin for an agent, saw admin/,
    ],
    ['operate for an agent', { scopes: ['operate'] }, /for an agent, saw operate/],
    ['admin in some projects', { kind: 'person', scopes: ['admin'] }, /admin for all projects alone/],
    ['no project', { projects: [] }, /^projects: /],
    ['a project twice', { projects: ['web', 'web'] }, /^projects: /],
    ['what is no project key', { projects: ['../web'] }, /^projects: /],
    ['no name', { name: '' }, /^name: /],
    ['the name of the service', { name: 'Stagegate' }, /^name: /],
    ['the name of the operator on this machine', { name: 'local' }, /^name: /],
    ['a secret for a name', { name: `sgt_${'a'.repeat(50)}` }, /^name: /],
    ['a name with a line end', { name: 'a\nb' }, /^name: /],
    ['the very instant for an end', { expiresAt: START }, /^expiresAt: expected an instant to come/],
  ])('%s is refused', (_, more, detail) => {
    const refused = { kind: 'reject', reason: 'invalid-token', detail: expect.stringMatching(detail) as string };
    expect(decided(initialAccess(), create(more))).toEqual(refused);
  });
});

it('whether a token is live does not depend on how it got there', () => {
  const [token] = after(create()).tokens;
  expect(token && [isLive(token, START), isLive({ ...token, expiresAt: START }, START)]).toEqual([true, false]);
});

it('two digests are the same where the texts are', () => {
  const any = fc.string({ maxLength: 4 });
  fc.assert(fc.property(any, any, (one, other) => isSameDigest(one, other) === (one === other)));
  expect(isSameDigest('a'.repeat(64), `${'a'.repeat(63)}b`)).toBe(false);
});
