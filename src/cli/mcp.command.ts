import { serveStdio } from '@modelcontextprotocol/server/stdio';
import { PinoLogger } from '../infrastructure/system/pino-logger';
import { theService } from './connect';
import { EXIT } from './exit-codes';
import { ask } from './find-service';
import { orderable } from './http-client';
import { mcpServer } from './mcp/mcp-server';
import { operationsIn } from './mcp/operations';
import { serveMcpHttp } from './mcp/serve-mcp-http';
import type { Output } from './output';
import { whenAskedToEnd } from './signals';
import { UserError } from './user-error';

/** Offers what agents need as tools, until whoever speaks to it leaves or somebody asks it to end. @returns the exit code. */
export async function mcp({ port }: { readonly port: number | null }, output: Output): Promise<number> {
  const { url: base, orders } = await theService();
  const operations = operationsIn(await documentOf(base));
  const logger = new PinoLogger({ level: 'warn' });
  const onerror = (error: Error) => {
    logger.warn('a message could not be served', { error: error.message });
  };
  const stop = whenAskedToEnd();
  if (port !== null) {
    const face = await listen(base, operations, port, onerror);
    if (output.isJson) output.json({ url: face.url, service: base });
    else output.line(`MCP at ${face.url}, for the service at ${base}`);
    await stop.asked;
    await face.close();
    return EXIT.ok;
  }
  const { url, token } = orderable(orders, base);
  const headers = token === null ? {} : { authorization: `Bearer ${token}` };
  const left = new Promise<void>((resolve) => process.stdin.once('close', resolve));
  const served = serveStdio(() => mcpServer(operations, { url, headers }), { onerror });
  await Promise.race([left, stop.asked]);
  await served.close();
  return EXIT.ok;
}

async function listen(...args: Parameters<typeof serveMcpHttp>): ReturnType<typeof serveMcpHttp> {
  try {
    return await serveMcpHttp(...args);
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    throw new UserError(`--port: expected one to listen at, saw ${code ?? message}; name another one`);
  }
}

/** The service says what it can do: tools of another version would ask for what it does not have. */
async function documentOf(url: string): Promise<Readonly<Record<string, unknown>>> {
  const answer = await ask(url, '/openapi.json');
  if (answer?.status !== 200) throw new UserError(`${url}: expected /openapi.json, saw none; update the service`);
  return answer.body as Readonly<Record<string, unknown>>;
}
