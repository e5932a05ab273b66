import { createServer as createHttpServer } from 'node:http';
import { createServer, type AddressInfo, type Server } from 'node:net';
import { ask, workerAt } from '../../src/cli/find-service';
import { until } from '../support/process-yard';

const listening: Server[] = [];
afterEach(() => {
  for (const server of listening.splice(0)) server.close();
});

async function urlOf(server: Server): Promise<string> {
  listening.push(server);
  server.listen(0, '127.0.0.1');
  await until(() => server.listening);
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

const answering = (text: string) => createHttpServer((_, answer) => answer.end(text));

test('a stagegate is known by the worker that it names', async () => {
  expect(await workerAt(await urlOf(answering('{"status":"live","worker":"host/1"}')))).toBe('host/1');
});

test.each([
  ['closes every connection', createServer((socket) => socket.destroy())],
  ['speaks another language', createServer((socket) => socket.resume().end('220 mail\r\n'))],
  ['answers with a page', answering('<html>')],
  [
    'breaks off',
    createHttpServer((_, answer) =>
      answer.writeHead(200, { 'content-length': '9' }).write('{}', () => answer.destroy()),
    ),
  ],
])('somebody who %s is none, and is not waited for', async (_, server) => {
  const url = await urlOf(server);
  for (let time = 0; time < 5; time += 1) expect(await ask(url, '/health/live')).toBeNull();
});

test('neither is anybody who answers with something else, or who is not there', async () => {
  expect(await workerAt(await urlOf(answering('null')))).toBeNull();
  expect(await workerAt(await urlOf(answering('{"worker":7}')))).toBeNull();
  expect(await workerAt('http://127.0.0.1:1')).toBeNull();
  expect(await workerAt('no address')).toBeNull();
});
