import { CryptoIds, uuidV5 } from '../../../src/infrastructure/system/crypto-ids';
import { NodeHasher } from '../../../src/infrastructure/system/node-hasher';
import type { LogLevel } from '../../../src/infrastructure/system/log-levels';
import { PinoLogger } from '../../../src/infrastructure/system/pino-logger';
import { SystemClock } from '../../../src/infrastructure/system/system-clock';

describe('SystemClock', () => {
  const clock = new SystemClock();

  test('wakes once, not before the delay is over', async () => {
    const startedAt = clock.monotonic();
    let woken = 0;
    await new Promise<void>((resolve) => {
      clock.after(20, () => {
        woken += 1;
        resolve();
      });
    });
    expect(clock.monotonic() - startedAt).toBeGreaterThanOrEqual(20);
    expect(woken).toBe(1);
  });

  test('a cancelled wait never wakes', async () => {
    let woken = false;
    const cancel = clock.after(5, () => (woken = true));
    cancel();
    await new Promise((resolve) => setTimeout(resolve, 20));
    expect(woken).toBe(false);
  });

  test('a wait longer than a timer can hold does not fire at once', async () => {
    let woken = false;
    const cancel = clock.after(2 ** 40, () => (woken = true));
    await new Promise((resolve) => setTimeout(resolve, 20));
    cancel();
    expect(woken).toBe(false);
  });

  test('the wall clock is in milliseconds since 1970', () => {
    expect(Math.abs(clock.now() - Date.now())).toBeLessThan(1000);
  });
});

describe('CryptoIds', () => {
  const ids = new CryptoIds();
  const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-([0-9a-f])[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/;

  test('name-based ids agree with the example of RFC 9562', () => {
    const dns = '6ba7b810-9dad-11d1-80b4-00c04fd430c8';
    expect(uuidV5(dns, 'www.example.com')).toBe('2ed6657d-e927-568b-95e1-2665a8aea6a2');
  });

  test('the same command and index give the same event id, for ever', () => {
    expect(ids.eventId('command-1', 0)).toBe(ids.eventId('command-1', 0));
    expect(ids.eventId('command-1', 0)).toBe('2c4b4259-f432-5fae-aa14-5debf9484435');
  });

  test('another command or index gives another event id', () => {
    const made = [
      ids.eventId('a', 1),
      ids.eventId('a', 11),
      ids.eventId('a:1', 1),
      ids.eventId('1:a', 1),
      ids.eventId('b', 1),
    ];
    expect(new Set(made).size).toBe(made.length);
    for (const id of made) expect(UUID.exec(id)?.[1]).toBe('5');
  });

  test('fresh ids are lower-case random UUIDs', () => {
    expect(UUID.exec(ids.uuid())?.[1]).toBe('4');
    expect(ids.uuid()).not.toBe(ids.uuid());
  });

  test('jitter is drawn from [0, 1)', () => {
    const drawn = Array.from({ length: 1000 }, () => ids.random());
    expect(Math.min(...drawn)).toBeGreaterThanOrEqual(0);
    expect(Math.max(...drawn)).toBeLessThan(1);
    expect(drawn.reduce((sum, x) => sum + x, 0) / drawn.length).toBeCloseTo(0.5, 0);
  });
});

describe('NodeHasher', () => {
  test('hashes text as UTF-8 and parts as if they were joined', () => {
    const hasher = new NodeHasher();
    expect(hasher.sha256('abc')).toBe('ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad');
    expect(hasher.sha256('ä', new Uint8Array([1]))).toBe(hasher.sha256(new Uint8Array([0xc3, 0xa4, 1])));
  });
});

function logged(level: LogLevel, use: (log: PinoLogger) => void): Record<string, unknown>[] {
  const lines: string[] = [];
  use(new PinoLogger({ level, destination: { write: (line: string) => void lines.push(line) } }));
  return lines.map((line) => JSON.parse(line) as Record<string, unknown>);
}

describe('PinoLogger', () => {
  test('writes one JSON object per line, with level, time, message and fields', () => {
    const [line] = logged('info', (log) => {
      log.info('claimed', { task: 'web.W-1', attempt: 2 });
    });
    expect(line).toEqual({
      level: 'info',
      time: expect.stringMatching(/^\d{4}-.*Z$/) as unknown,
      msg: 'claimed',
      task: 'web.W-1',
      attempt: 2,
    });
  });

  test('drops what is below the level', () => {
    const lines = logged('warn', (log) => {
      log.info('a');
      log.warn('b');
      log.error('c');
    });
    expect(lines.map(({ msg }) => msg)).toEqual(['b', 'c']);
  });
});
