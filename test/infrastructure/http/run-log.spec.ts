import 'reflect-metadata';
import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { request, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { INestApplication, NestApplicationOptions } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { QueryBus } from '@nestjs/cqrs';
import { LOCAL } from '../../../src/domain/authority/principal';
import { KnownCaller } from '../../../src/infrastructure/http/caller';
import { ProblemFilter } from '../../../src/infrastructure/http/problem.filter';
import { RunLogs } from '../../../src/infrastructure/http/run-logs';
import { RunsController } from '../../../src/infrastructure/http/runs.controller';
import { ProjectionRunner } from '../../../src/projections/following/projection-runner';
import { Views } from '../../../src/projections/views';
import { QuietLogger } from '../../support/quiet-logger';

const ID = '0f8fad5b-d9cb-469f-a165-70867728950e';
const stateDir = mkdtempSync(join(tmpdir(), 'stagegate-run-log-'));
const logs = join(stateDir, 'logs');
const path = join(logs, `${ID}.log`);
let app: INestApplication;
let port: number;

beforeAll(async () => {
  class LogModule {}
  const providers = [
    { provide: RunLogs, useValue: new RunLogs(stateDir) },
    { provide: QueryBus, useValue: null },
    { provide: ProjectionRunner, useValue: null },
    { provide: Views, useValue: null },
  ];
  const module = { module: LogModule, controllers: [RunsController], providers };
  // Nest declares its options as a class, and takes plain objects everywhere.
  // eslint-disable-next-line @typescript-eslint/no-unsafe-class-instance-assignment
  const options: NestApplicationOptions = { logger: false };
  app = await NestFactory.create(module, options);
  app.useGlobalGuards(
    new KnownCaller({ callerOf: () => Promise.resolve(LOCAL), isOpen: true, limits: { charge: () => undefined } }),
  );
  app.useGlobalFilters(new ProblemFilter(new QuietLogger()));
  await app.listen(0, '127.0.0.1');
  port = (app.getHttpServer() as { address(): AddressInfo }).address().port;
});
afterAll(async () => {
  await app.close();
  rmSync(stateDir, { recursive: true });
});
beforeEach(() => {
  rmSync(logs, { recursive: true, force: true });
  mkdirSync(logs);
});

function asked(headers: Record<string, string> = {}, method = 'GET'): Promise<IncomingMessage> {
  return new Promise((resolve, reject) => {
    const options = { port, host: '127.0.0.1', path: `/v1/runs/${ID}/log`, method, headers, agent: false };
    request(options, resolve).once('error', reject).end();
  });
}

async function answerTo(headers: Record<string, string> = {}, method = 'GET') {
  const response = await asked(headers, method);
  const chunks: Buffer[] = [];
  for await (const chunk of response) chunks.push(chunk as Buffer);
  const { statusCode, headers: answered } = response;
  return { status: statusCode, headers: answered, text: Buffer.concat(chunks).toString() };
}

test('a log is sent whole, as it is', async () => {
  writeFileSync(path, 'one\ntwo\0\xff');
  const { status, headers, text } = await answerTo();
  expect([status, text]).toEqual([200, 'one\ntwo\0\xff']);
  expect(headers).toMatchObject({
    'content-type': 'text/plain; charset=utf-8',
    'x-content-type-options': 'nosniff',
    'accept-ranges': 'bytes',
    'content-length': '10',
  });
});

test.each([
  ['bytes=0-3', 206, 'bytes 0-3/10', '0123'],
  ['bytes=8-', 206, 'bytes 8-9/10', '89'],
  ['bytes=-3', 206, 'bytes 7-9/10', '789'],
  ['bytes=4-400', 206, 'bytes 4-9/10', '456789'],
  ['bytes=0-0', 206, 'bytes 0-0/10', '0'],
  ['bytes=0-1,4-5', 200, undefined, '0123456789'],
  ['lines=1-2', 200, undefined, '0123456789'],
  ['bytes=x', 200, undefined, '0123456789'],
])('Range: %s is answered with %i', async (range, status, contentRange, text) => {
  writeFileSync(path, '0123456789');
  const answer = await answerTo({ range });
  expect([answer.status, answer.headers['content-range'], answer.text]).toEqual([status, contentRange, text]);
  expect(answer.headers['content-length']).toBe(String(text.length));
});

test('a range that begins behind the end, and any of an empty log, cannot be had', async () => {
  writeFileSync(path, '0123456789');
  const behind = await answerTo({ range: 'bytes=10-' });
  expect([behind.status, behind.headers['content-range']]).toEqual([416, 'bytes */10']);
  expect(JSON.parse(behind.text)).toMatchObject({ code: 'range-not-satisfiable' });
  writeFileSync(path, '');
  expect((await answerTo({ range: 'bytes=0-' })).status).toBe(416);
  expect(await answerTo()).toMatchObject({ status: 200, text: '' });
});

test('with a condition that nothing can be compared with, all of it is sent', async () => {
  writeFileSync(path, '0123456789');
  expect(await answerTo({ range: 'bytes=0-3', 'if-range': '"x"' })).toMatchObject({ status: 200, text: '0123456789' });
});

test('HEAD says how much there is and sends nothing', async () => {
  writeFileSync(path, '0123456789');
  expect(await answerTo({ range: 'bytes=0-3' }, 'HEAD')).toMatchObject({ status: 200, text: '' });
  expect(await answerTo({}, 'HEAD')).toMatchObject({ status: 200, text: '', headers: { 'content-length': '10' } });
});

test('a long log goes through without being held, and a reader that leaves ends it', async () => {
  writeFileSync(path, '');
  const size = 256 * 1024 ** 2;
  truncateSync(path, size);
  const before = process.memoryUsage().arrayBuffers;
  let [bytes, most] = [0, 0];
  for await (const chunk of await asked()) {
    bytes += (chunk as Buffer).length;
    most = Math.max(most, process.memoryUsage().arrayBuffers - before);
  }
  expect(bytes).toBe(size);
  // What is on its way in buffers, and not yet collected.
  expect(most).toBeLessThan(size / 4);
  const leaving = await asked();
  leaving.once('data', () => leaving.destroy());
  await new Promise((resolve) => leaving.once('close', resolve));
  writeFileSync(path, 'next');
  expect(await answerTo()).toMatchObject({ status: 200, text: 'next' });
});

test.each([
  ['a link', 'echo secret > ../secret; ln -s ../secret'],
  ['a second name of another file', 'echo secret > ../secret; ln ../secret'],
  ['a pipe', 'mkfifo'],
  ['a folder', 'mkdir'],
  ['a device', 'ln -s /dev/zero'],
])('%s is refused, and blocks nobody', async (_what, plant) => {
  execFileSync('sh', ['-c', `${plant} ${ID}.log`], { cwd: logs });
  // More of them than Node has threads for files: with one that waits, the last ones would never be answered.
  const answers = await Promise.all(Array.from({ length: 8 }, () => answerTo()));
  expect(answers.map(({ status }) => status)).toEqual(Array.from({ length: 8 }, () => 503));
  expect(JSON.parse(answers[0]?.text ?? '')).toMatchObject({ code: 'RUN_LOG_REFUSED' });
  expect(answers[0]?.text).not.toContain('secret\n');
});

test('what is no run id is no path', async () => {
  const response = await fetch(`http://127.0.0.1:${port}/v1/runs/..%2F..%2Fetc%2Fpasswd/log`);
  expect(response.status).toBe(404);
});
