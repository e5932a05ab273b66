import { fromJsonSchema, McpServer } from '@modelcontextprotocol/server';
import { manifest } from '../manifest';
import { callOperation, type Target } from './call-operation';
import type { OperationSpec } from './operations';
import { TOOLS } from './tools';

type Input = Readonly<Record<string, unknown>>;

const INSTRUCTIONS =
  'stagegate decides by gates what reaches main. list_work shows what can be taken, take_work gives the brief, complete_work hands in. Nobody can talk a gate round: why says what a task waits for.';

/** The tools of one connection. @throws Error when the service lacks an operation: it is of another version. */
export function mcpServer(operations: ReadonlyMap<string, OperationSpec>, target: Target): McpServer {
  const server = new McpServer({ name: 'stagegate', version: manifest().version }, { instructions: INSTRUCTIONS });
  for (const { name, operation, about, isReading = false, shows = 'beginning' } of TOOLS) {
    const spec = operations.get(operation);
    if (!spec) throw new Error(`${operation}: expected an operation of the service, saw none`);
    const inputSchema = fromJsonSchema<Input>(spec.input);
    const annotations = { readOnlyHint: isReading, openWorldHint: false };
    server.registerTool(name, { description: about, inputSchema, annotations }, (input) =>
      callOperation(spec, input, target, shows),
    );
  }
  return server;
}
