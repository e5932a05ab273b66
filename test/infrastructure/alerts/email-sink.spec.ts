import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { createServer, type AddressInfo, type Server, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { SMTPServer, type SMTPServerOptions } from 'smtp-server';
import { RefusedForGood, type AlertMessage } from '../../../src/application/ports/alert-sink';
import { instant } from '../../../src/domain/instant';
import {
  EmailAlertSink,
  type EmailDeps,
  type EmailSettings,
} from '../../../src/infrastructure/alerts/email-alert-sink';
import type { Resolve } from '../../../src/infrastructure/outbound/guarded-lookup';

const ALERT: AlertMessage = {
  key: 'web.T1@19',
  severity: 'critical',
  title: 'Task web.T1 needs a person\r\nBcc: all@example.com',
  detail: 'cause  the set-up failed\ndo     correct it\n.\nQUIT',
  task: 'web.T1',
  project: 'web',
  at: instant(Date.UTC(2026, 0, 5)),
};
const never = new AbortController().signal;
const folder = mkdtempSync(join(tmpdir(), 'stagegate-mail-'));
const file = (name: string) => join(folder, name);
let ca: string;
beforeAll(() => {
  const subject = ['-subj', '/CN=mail.example', '-addext', 'subjectAltName=DNS:mail.example'];
  const made = ['-keyout', file('key'), '-out', file('cert'), '-days', '2', '-nodes'];
  execFileSync('openssl', ['req', '-x509', '-newkey', 'rsa:2048', ...made, ...subject], { stdio: 'ignore' });
  ca = readFileSync(file('cert'), 'utf8');
});
afterAll(() => {
  rmSync(folder, { recursive: true });
});

interface Mail {
  readonly from: string;
  readonly to: readonly string[];
  readonly text: string;
  readonly user: string | undefined;
  readonly isSecure: boolean;
}
const got: Mail[] = [];
const passwords: string[] = [];
const closing: (() => void)[] = [];
afterEach(() => {
  got.length = 0;
  passwords.length = 0;
  for (const close of closing.splice(0)) close();
});

/** A real mail server. @returns its port. */
function serve(more: SMTPServerOptions = {}): Promise<number> {
  const server = new SMTPServer({
    authOptional: true,
    disabledCommands: ['STARTTLS'],
    onAuth: ({ username, password }, _session, done) => {
      passwords.push(password ?? '');
      if (password === 'right') done(null, { user: username });
      else done(new Error('Invalid login'));
    },
    onData: (stream, { envelope, secure, user }, done) => {
      let text = '';
      stream.on('data', (part: Buffer) => (text += part.toString()));
      stream.on('end', () => {
        const { mailFrom, rcptTo } = envelope;
        const from = mailFrom === false ? '' : mailFrom.address;
        got.push({ from, to: rcptTo.map(({ address }) => address), text, user: user as string, isSecure: secure });
        done();
      });
    },
    ...more,
  });
  server.on('error', () => undefined);
  closing.push(() => {
    server.close(() => undefined);
  });
  return listening(server.server, () => server.listen(0, '127.0.0.1'));
}

/** Something else than a mail server. */
function odd(speak: (socket: Socket) => void): Promise<number> {
  const sockets = new Set<Socket>();
  const server = createServer((socket) => {
    sockets.add(socket);
    socket.on('error', () => undefined);
    speak(socket);
  });
  closing.push(() => {
    for (const socket of sockets) socket.destroy();
    server.close();
  });
  return listening(server, () => server.listen(0, '127.0.0.1'));
}

async function listening(server: Server, listen: () => void): Promise<number> {
  await new Promise<void>((done) => {
    server.once('listening', done);
    listen();
  });
  return (server.address() as AddressInfo).port;
}

const resolve: Resolve = (_name, _options, done) => {
  done(null, [{ address: '127.0.0.1', family: 4 }]);
};
const SETTINGS: EmailSettings = {
  name: 'mail',
  route: { projects: null, severities: null },
  url: '',
  allowed: ['mail.example'],
  from: 'Stagegate <stagegate@example.com>',
  to: ['ops@example.com', 'Ann <ann@example.com>'],
  login: null,
};
const LOGIN = { user: 'stagegate', password: { variable: 'MAIL' } };
function sink(url: string, settings: Partial<EmailSettings> = {}, deps: Partial<EmailDeps> = {}): EmailAlertSink {
  return new EmailAlertSink(
    { ...SETTINGS, url, ...settings },
    { environment: { MAIL: 'right' }, resolve, timeoutMs: 1_500, ...deps },
  );
}
const faultOf = (each: EmailAlertSink) =>
  each.send(ALERT, never).then(
    () => null,
    (error: unknown) => error as Error,
  );
/** As if the server were somewhere else. */
const AWAY = { isHere: () => false };

test('is plain text with why and what to do, to everybody on the list, and has no header that a task has written', async () => {
  const port = await serve();
  expect(await sink(`smtp://mail.example:${port}`).send(ALERT, never)).toMatch(/^250 /);
  const [mail] = got;
  expect(mail).toMatchObject({
    from: 'stagegate@example.com',
    to: ['ops@example.com', 'ann@example.com'],
    isSecure: false,
  });
  const [head = ''] = mail?.text.split('\r\n\r\n') ?? [];
  expect(head).toMatch(/^Subject: \[critical\] Task web\.T1 needs a person Bcc: all@example\.com$/m);
  expect(head).not.toMatch(/^Bcc/m);
  expect(head).toMatch(/^Content-Type: text\/plain/m);
  expect(mail?.text.slice(head.length)).toContain('do     correct it\r\n.\r\nQUIT\r\n');
  expect(mail?.text).toContain('stagegate alerts ack web.T1@19');
});

test('has the same id whenever it is sent, and another one for another incident', async () => {
  const port = await serve();
  const mailer = sink(`smtp://mail.example:${port}`);
  await mailer.send(ALERT, never);
  await mailer.send(ALERT, never);
  await mailer.send({ ...ALERT, key: 'web.T1@20' }, never);
  const ids = got.map(({ text }) => /^Message-ID: <([0-9a-f]{40}@example\.com)>$/m.exec(text)?.[1]);
  expect(ids[0]).toBeDefined();
  expect([ids[1] === ids[0], ids[2] === ids[0]]).toEqual([true, false]);
});

test('goes by STARTTLS to a server that is believed, and logs in behind it', async () => {
  const tls = { key: readFileSync(file('key')), cert: readFileSync(file('cert')) };
  const port = await serve({ ...tls, disabledCommands: [], authOptional: false });
  await sink(`smtp://mail.example:${port}`, { login: LOGIN }, { ...AWAY, ca }).send(ALERT, never);
  expect(got).toMatchObject([{ isSecure: true, user: 'stagegate' }]);
});

test('goes by TLS from the beginning to a server that is believed', async () => {
  const port = await serve({ key: readFileSync(file('key')), cert: readFileSync(file('cert')), secure: true });
  await sink(`smtps://mail.example:${port}`, { login: LOGIN }, { ca }).send(ALERT, never);
  expect(got).toMatchObject([{ isSecure: true, user: 'stagegate' }]);
});

test.each([
  ['has no STARTTLS', false, false],
  ['has a certificate that nobody believes', true, false],
  ['has a certificate of another name', true, true],
])('nothing is told to a server that %s, and no password', async (_what, hasTls, isOther) => {
  const tls = { key: readFileSync(file('key')), cert: readFileSync(file('cert')) };
  const port = await serve(hasTls ? { ...tls, disabledCommands: [] } : {});
  const host = isOther ? 'other.example' : 'mail.example';
  const deps = { ...AWAY, ...(isOther && { ca }) };
  const fault = await faultOf(sink(`smtp://${host}:${port}`, { login: LOGIN, allowed: [host] }, deps));
  expect(fault?.message).toMatch(new RegExp(`^${host}:\\d+: expected a mail server to take it, saw `));
  expect(fault).not.toBeInstanceOf(RefusedForGood);
  expect([got, passwords]).toEqual([[], []]);
});

const refusal = (responseCode: number, message: string) => Object.assign(new Error(message), { responseCode });
test.each([
  [
    'every recipient for good',
    {
      onRcptTo: (_to, _session, done) => {
        done(refusal(550, 'no such user'));
      },
    },
    true,
    '550 no such user',
  ],
  [
    'every recipient for now',
    {
      onRcptTo: (_to, _session, done) => {
        done(refusal(450, 'greylisted'));
      },
    },
    false,
    '450 greylisted',
  ],
  [
    'the sender for good',
    {
      onMailFrom: (_from, _session, done) => {
        done(refusal(553, 'not yours'));
      },
    },
    true,
    '553 not yours',
  ],
  [
    'the mail for good',
    {
      onData: (stream, _session, done) => {
        stream.resume();
        stream.on('end', () => {
          done(refusal(554, 'spam'));
        });
      },
    },
    true,
    '554 spam',
  ],
  [
    'the mail for now',
    {
      onData: (stream, _session, done) => {
        stream.resume();
        stream.on('end', () => {
          done(refusal(451, 'later'));
        });
      },
    },
    false,
    '451 later',
  ],
  [
    'the connection',
    {
      onConnect: (_session, done) => {
        done(refusal(554, 'go away'));
      },
    },
    false,
    '554 go away',
  ],
] as readonly (readonly [string, SMTPServerOptions, boolean, string])[])(
  'a server that refuses %s',
  async (_what, options, isFinal, said) => {
    const port = await serve(options);
    const fault = await faultOf(sink(`smtp://mail.example:${port}`));
    expect([fault instanceof RefusedForGood, fault?.message]).toEqual([
      isFinal,
      expect.stringContaining(`saw ${said}`),
    ]);
  },
);

test('one recipient that is refused is told, and the others get it', async () => {
  const port = await serve({
    onRcptTo: ({ address }, _session, done) => {
      done(address.startsWith('ann') ? refusal(550, 'no such user') : null);
    },
  });
  expect(await sink(`smtp://mail.example:${port}`).send(ALERT, never)).toMatch(/; refused for 1 of 2$/);
  expect(got).toMatchObject([{ to: ['ops@example.com'] }]);
});

test('a password that is wrong or missing is tried again, and not said', async () => {
  const port = await serve({ authOptional: false });
  const wrong = await faultOf(
    sink(`smtp://mail.example:${port}`, { login: LOGIN }, { environment: { MAIL: 'hunter2' } }),
  );
  expect(wrong).not.toBeInstanceOf(RefusedForGood);
  expect(wrong?.message).toMatch(/saw 535 /);
  expect(wrong?.message).not.toContain('hunter2');
  const missing = await faultOf(sink(`smtp://mail.example:${port}`, { login: LOGIN }, { environment: {} }));
  expect(missing?.message).toContain('$MAIL: expected a secret');
});

test.each([
  ['says nothing', () => undefined, 'nothing in time'],
  [
    'says a greeting without an end',
    (socket: Socket) => socket.write(`220 ${'x'.repeat(200_000)}`),
    'exceeds maximum allowed size',
  ],
  ['begins and stops', (socket: Socket) => socket.write('220 hello\r\n'), 'nothing in time'],
  ['trickles', (socket: Socket) => setInterval(() => socket.write('220-x\r\n'), 20).unref(), 'nothing in time'],
  ['hangs up', (socket: Socket) => socket.end(), 'ECONNECTION'],
  [
    'is no mail server',
    (socket: Socket) => socket.write('HTTP/1.1 400 Bad Request\r\n\r\n'),
    'saw HTTP/1.1 400 Bad Request',
  ],
])('a server that %s is not waited for', async (_what, speak, why) => {
  const port = await odd(speak);
  const fault = await faultOf(sink(`smtp://mail.example:${port}`));
  expect(fault?.message).toContain(why);
  expect(fault).not.toBeInstanceOf(RefusedForGood);
});

test.each([
  ['smtp://127.0.0.1:1/', 'loopback'],
  ['smtps://[::1]:1/', 'loopback'],
  ['smtp://10.0.0.1:1/', 'private'],
  ['smtp://169.254.169.254:1/', 'nobody'],
  ['smtp://hidden.example:1/', 'loopback'],
])('nobody is asked whom the operator does not mean: %s', async (url, why) => {
  const fault = await faultOf(sink(url, { allowed: [] }));
  expect(fault?.message).toContain(`expected a public address`);
  expect(fault?.message).toContain(why);
});

test('a URL that is none of mail is not said', async () => {
  const fault = await faultOf(sink('', { url: { variable: 'MAIL' } }));
  expect(fault?.message).toBe('mail: expected a URL of smtp or smtps (not shown, it may be a secret)');
});
