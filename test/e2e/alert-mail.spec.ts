import type { AddressInfo } from 'node:net';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { SMTPServer } from 'smtp-server';
import { runCli } from '../support/cli';
import { SampleRepository } from '../support/sample-repository';

const sample = new SampleRepository();
let mail = '';
const server = new SMTPServer({
  authOptional: true,
  disabledCommands: ['STARTTLS'],
  onData: (stream, _session, done) => {
    stream.on('data', (part: Buffer) => (mail += part.toString()));
    stream.on('end', () => {
      done();
    });
  },
});
beforeAll(async () => {
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
});
afterAll(() => {
  server.close(() => undefined);
  sample.dispose();
});

test('the program that is installed mails, too', async () => {
  const { port } = server.server.address() as AddressInfo;
  const sink = {
    kind: 'email',
    url: `smtp://127.0.0.1:${port}`,
    from: 'Stagegate <stagegate@example.com>',
    to: ['ops@example.com'],
    allow: ['127.0.0.1'],
  };
  const projects = { web: { repo: sample.dir, staging: { suite: 'true' } } };
  const file = join(sample.root, 'stagegate.yml');
  writeFileSync(file, JSON.stringify({ version: 1, projects, alerts: { sinks: { mail: sink } } }));
  const env = { STAGEGATE_PROJECTS: file, STAGEGATE_STATE_DIR: join(sample.root, 'state') };
  const { code, stdout, stderr } = await runCli(['alerts', 'test', 'mail'], env);
  expect([code, stderr, stdout]).toEqual([0, '', expect.stringMatching(/^mail: 250 .+, after \d+ ms\n$/)]);
  expect(mail).toContain('Subject: [warning] A test of this sink by stagegate alerts test');
});
