import { Hints } from '../../../src/infrastructure/event-stores/postgres/hints';
import { PostgresEventStore } from '../../../src/infrastructure/event-stores/postgres/postgres-event-store';
import { Reachability } from '../../../src/infrastructure/event-stores/reachability';
import { event, stream } from '../../contract/support/events';
import { Follower } from '../../contract/support/follower';
import { until } from '../../contract/support/until';
import { startPostgresLogs, type PostgresLogs } from '../../support/postgres-log';
import { QuietLogger } from '../../support/quiet-logger';

const HUGE = '9223372036854775807';
/** What somebody may say who has no business with the log. */
const NONSENSE = [
  '',
  'hello',
  '-5',
  '1.5',
  '1e9',
  '0x10',
  ' 7',
  '007',
  'NaN',
  "'; drop table x; --",
  '\u001b[31m',
  '9'.repeat(40),
  'x'.repeat(7_999),
  '1'.repeat(7_999),
];

describe('a hint', () => {
  let seen: bigint;
  let head: bigint;
  let looks: number;
  let pauses: (() => void)[];
  let isAnswerComing: boolean;
  let hints: Hints;
  const settle = () => new Promise((resolve) => setImmediate(resolve));
  const endPause = async () => {
    pauses.shift()?.();
    await settle();
  };

  beforeEach(() => {
    seen = 10n;
    head = 10n;
    looks = 0;
    pauses = [];
    isAnswerComing = false;
    hints = new Hints({
      seen: () => seen,
      look: () => {
        looks += 1;
        seen = head;
        return Promise.resolve();
      },
      isAnswerComing: () => isAnswerComing,
      pause: () => new Promise((resolve) => pauses.push(resolve)),
    });
  });

  it.each(NONSENSE.map((payload) => [payload.slice(0, 20), payload]))(
    'that is no position is passed over: %j',
    async (_, payload) => {
      hints.heard(payload);
      await settle();
      expect(looks).toBe(0);
    },
  );

  it('of what is known already costs nothing', async () => {
    for (const known of ['1', '9', '10']) hints.heard(known);
    await settle();
    expect(looks).toBe(0);
  });

  it('of something new is looked into once, however often it is said', async () => {
    head = 12n;
    for (let times = 0; times < 1_000; times += 1) hints.heard('12');
    await settle();
    expect({ looks, seen, pauses: pauses.length }).toEqual({ looks: 1, seen: 12n, pauses: 0 });
  });

  it('that is not true makes nobody deaf, and a flood of them costs one look for each pause', async () => {
    for (let times = 0; times < 10_000; times += 1) hints.heard(HUGE);
    await settle();
    expect({ looks, seen }).toEqual({ looks: 1, seen: 10n });
    for (let times = 0; times < 10_000; times += 1) hints.heard(HUGE);
    head = 11n;
    hints.heard('11');
    await settle();
    expect(looks).toBe(1);
    await endPause();
    expect({ looks, seen }).toEqual({ looks: 2, seen: 11n });
    await endPause();
    head = 12n;
    hints.heard('12');
    await settle();
    expect({ looks, seen }).toEqual({ looks: 3, seen: 12n });
  });

  it('of what is being appended here waits for the answer to that', async () => {
    isAnswerComing = true;
    hints.heard('11');
    await settle();
    expect(looks).toBe(0);
    seen = 11n;
    await endPause();
    expect(looks).toBe(0);
  });
});

describe('on a server', () => {
  let logs: PostgresLogs;
  let database: string;
  let store: PostgresEventStore;
  let other: PostgresEventStore;
  let follower: Follower;

  const open = () => new PostgresEventStore(logs.url(database), new Reachability(new QuietLogger()));
  const notify = (payloads: readonly string[]) =>
    logs.server.query(
      payloads.map((each) => `notify stagegate_events, '${each.replaceAll("'", "''")}'`).join(';'),
      database,
    );

  beforeAll(async () => {
    logs = await startPostgresLogs();
  }, 120_000);
  afterAll(() => logs.stop());
  beforeEach(async () => {
    database = await logs.create();
    [store, other] = [open(), open()];
    follower = new Follower().follow(store);
    await follower.catchesUp();
    const listens = `select 1 from pg_stat_activity where application_name = 'stagegate wake-up' and datname = '${database}' and query like 'listen%'`;
    await until('it listens', async () => (await logs.server.query(listens)).length > 0);
  });
  afterEach(async () => {
    await follower.stop();
    await Promise.all([store.close(), other.close()]);
  });

  it('whatever any role says on the channel, followers go on and hear of what others append', async () => {
    await notify([...NONSENSE, HUGE, '0']);
    await notify(Array.from({ length: 2_000 }, (_, index) => String(BigInt(HUGE) - BigInt(index))));
    const first = event();
    await other.append(stream(), 'no-stream', [first]);
    await follower.sees(1);
    await notify([HUGE]);
    const second = event();
    await other.append(stream(), 'no-stream', [second]);
    await follower.sees(2);
    expect(follower.ids).toEqual([first.id, second.id]);
    const own = event();
    await store.append(stream(), 'no-stream', [own]);
    await follower.sees(3);
  });
});
