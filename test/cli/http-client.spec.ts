import { createServer, type RequestListener, type Server } from 'node:http';
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { httpClient } from '../../src/cli/http-client';
import { UserError } from '../../src/cli/user-error';

let server: Server;
let url: string;

async function listen(answer: RequestListener): Promise<void> {
  server = createServer(answer);
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

const NONE = /expected an answer, saw none within 0.2 s; look into the log of the service$/;
const stopsAtOnce: RequestListener = () => undefined;
const stopsInTheMiddle: RequestListener = (_, response) => {
  response.write('{"id"');
};

afterEach(async () => {
  server.closeAllConnections();
  server.close();
  await once(server, 'close').catch(() => undefined);
});

describe('a service', () => {
  it.each([
    ['that never answers', stopsAtOnce],
    ['that stops in the middle of its answer', stopsInTheMiddle],
  ])('%s keeps nobody waiting for ever', async (_, answer) => {
    await listen(answer);
    const client = httpClient({ url, orders: null }, 200);
    const asked = [() => client.task('web.T1'), () => client.operate('hold', 'web.T1', 'x')];
    for (const ask of asked) await expect(ask()).rejects.toThrow(NONE);
  });

  it('that never begins with a log keeps nobody waiting for it', async () => {
    await listen(stopsAtOnce);
    await expect(httpClient({ url, orders: null }, 200).log('x')).rejects.toThrow(NONE);
  });

  it('that hangs up, or answers with something else, is told in one line', async () => {
    await listen((request, response) => {
      if (request.url?.includes('/events')) response.end('<html>');
      else response.destroy();
    });
    const client = httpClient({ url, orders: null });
    await expect(client.task('web.T1')).rejects.toThrow(UserError);
    await expect(client.task('web.T1')).rejects.toThrow(
      /^http:\/\/127.0.0.1:\d+\/v1\/tasks\/web.T1: expected an answer, saw /,
    );
    await expect(client.events('web.T1', null)).rejects.toThrow(UserError);
  });
});
