import { Tokens } from '../../../src/application/access/tokens';
import type { Clock } from '../../../src/application/ports/clock';
import type { Damage } from '../../../src/domain/damage';
import { isTokenText } from '../../../src/domain/access/token-text';
import type { Grant } from '../../../src/domain/access/grant';
import { LOCAL } from '../../../src/domain/authority/principal';
import { ACCESS_STREAM } from '../../../src/domain/ids';
import { epochMs, plusMs } from '../../../src/domain/instant';
import { MemoryEventStore } from '../../../src/infrastructure/event-stores/memory-event-store';
import { CryptoIds } from '../../../src/infrastructure/system/crypto-ids';
import { NodeHasher } from '../../../src/infrastructure/system/node-hasher';
import { START } from '../../support/given-when-then';

const PROJECT = { policy: { project: 'web' } };
const CI: Grant = { name: 'ci', scopes: ['submit'], projects: ['web'], kind: 'service', expiresAt: null };

let store: MemoryEventStore;
let nowMs: number;
let damaged: Damage[];
const replica = (worker = 'w1') =>
  new Tokens({
    store,
    clock: { now: () => nowMs, monotonic: () => nowMs } as unknown as Clock,
    ids: new CryptoIds(),
    hasher: new NodeHasher(),
    worker,
    projects: { get: (key: string) => (key === 'web' ? PROJECT : null), all: () => [PROJECT] } as never,
    onDamage: (damage) => damaged.push(damage),
  });
const stored = () => store.readStream(ACCESS_STREAM, { limit: 999 });

beforeEach(() => {
  store = new MemoryEventStore();
  nowMs = epochMs(START);
  damaged = [];
});

describe('a new token', () => {
  it('is 256 random bits, shown once, of which the log has the digest alone', async () => {
    const tokens = replica();
    const { token, id } = await tokens.create(CI, LOCAL);
    expect(isTokenText(token)).toBe(true);
    const log = JSON.stringify(await stored(), (_, value: unknown) =>
      typeof value === 'bigint' ? String(value) : value,
    );
    expect(log).not.toContain(token.slice(4));
    expect(log).toContain(new NodeHasher().sha256(token));
    const [listed] = await tokens.list(LOCAL);
    expect(listed).toMatchObject({ id, name: 'ci', createdAt: START, createdBy: 'local', revoked: null });
    expect(JSON.stringify(listed)).not.toContain(new NodeHasher().sha256(token));
    expect((await tokens.create({ ...CI, name: 'other' }, LOCAL)).token).not.toBe(token);
  });

  it('keeps nothing that a caller has sent beside a grant', async () => {
    await replica().create({ ...CI, digest: 'd'.repeat(64), id: 'mine' } as Grant, LOCAL);
    const [event] = await stored();
    expect(event?.data).not.toMatchObject({ id: 'mine' });
    expect(event?.data['digest']).not.toBe('d'.repeat(64));
  });

  it('is for projects that there are', async () => {
    const asked = replica().create({ ...CI, projects: ['web', 'nope'] }, LOCAL);
    const message = 'projects: expected some of web, saw "nope"; correct it';
    await expect(asked).rejects.toMatchObject({ kind: 'unknown', code: 'unknown-project', message });
    expect(await stored()).toEqual([]);
  });
});

describe('whose a token is', () => {
  it('every replica knows at the next request, and so it does of one that was revoked', async () => {
    const [ann, bob] = [replica(), replica('w2')];
    expect(await bob.principalOf('sgt_x')).toBeNull();
    const { token } = await ann.create(CI, LOCAL);
    expect(await bob.principalOf(token)).toMatchObject({ name: 'ci', rights: ['submit'], projects: ['web'] });
    await ann.revoke('ci', 'leaked', LOCAL);
    expect(await bob.principalOf(token)).toBeNull();
    expect(await ann.principalOf(token)).toBeNull();
  });

  it('is nobody from the very instant on that it expires at', async () => {
    const tokens = replica();
    const { token } = await tokens.create({ ...CI, expiresAt: plusMs(START, 1_000) }, LOCAL);
    nowMs += 999;
    expect(await tokens.principalOf(token)).not.toBeNull();
    nowMs += 1;
    expect(await tokens.principalOf(token)).toBeNull();
  });

  it('is nobody in another log', async () => {
    const { token } = await replica().create(CI, LOCAL);
    store = new MemoryEventStore();
    expect(await replica().principalOf(token)).toBeNull();
  });

  it('is nobody once somebody has written into the stream by hand, and that is said', async () => {
    const { token } = await replica().create(CI, LOCAL);
    const [event] = await stored();
    if (!event) throw new Error('nothing is stored');
    const odd = { ...event, id: new CryptoIds().uuid(), data: { ...event.data, digest: 1 } };
    await store.append(ACCESS_STREAM, 0n, [odd]);
    const tokens = replica();
    expect(await tokens.principalOf(token)).toBeNull();
    expect(damaged).toMatchObject([{ stream: ACCESS_STREAM, revision: '1' }]);
    await expect(tokens.list(LOCAL)).rejects.toMatchObject({ code: 'store-corrupt' });
  });
});

describe('revoking', () => {
  it('goes by id or by name, and twice is once', async () => {
    const tokens = replica();
    const [one, other] = [await tokens.create(CI, LOCAL), await tokens.create({ ...CI, name: 'other' }, LOCAL)];
    expect(await tokens.revoke(one.id, 'over', LOCAL)).toMatchObject({ name: 'ci', revoked: { by: 'local' } });
    expect(await tokens.revoke(one.id, 'again', LOCAL)).toMatchObject({ revoked: { reason: 'over' } });
    expect(await tokens.revoke('other', 'over', LOCAL)).toMatchObject({ id: other.id });
    expect(await stored()).toHaveLength(4);
    await expect(tokens.revoke('other', 'over', LOCAL)).rejects.toMatchObject({ code: 'unknown-token' });
    await expect(tokens.revoke(one.id, '', LOCAL)).rejects.toMatchObject({ code: 'invalid-reason' });
  });

  it('by two replicas at once is one event, and both are told so', async () => {
    const [ann, bob] = [replica(), replica('w2')];
    const { id } = await ann.create(CI, LOCAL);
    const views = await Promise.all([ann.revoke(id, 'by ann', LOCAL), bob.revoke(id, 'by bob', LOCAL)]);
    expect(new Set(views.map(({ revoked }) => revoked?.reason)).size).toBe(1);
    expect(await stored()).toHaveLength(2);
  });
});

it('making, revoking and listing need admin in all projects', async () => {
  const tokens = replica();
  for (const eve of [
    { ...LOCAL, rights: [] },
    { ...LOCAL, projects: ['web'] },
  ]) {
    const refused = { kind: 'forbidden', code: 'not-allowed' };
    await expect(tokens.create(CI, eve)).rejects.toMatchObject(refused);
    await expect(tokens.revoke('ci', 'over', eve)).rejects.toMatchObject(refused);
    await expect(tokens.list(eve)).rejects.toMatchObject(refused);
  }
  expect(await stored()).toEqual([]);
});
