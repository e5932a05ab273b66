import type { CallToolResult } from '@modelcontextprotocol/server';
import { ANSWER_WITHIN_MS, answered } from '../http-client';
import { UserError } from '../user-error';
import type { OperationSpec } from './operations';

/** Where tools are carried out, and as whom. */
export interface Target {
  /** Address of the service, without a path. */
  readonly url: string;
  /** Those that say who asks, and from where. */
  readonly headers: Readonly<Record<string, string>>;
}

type Input = Readonly<Record<string, unknown>>;

/** As much of a log as a model can use; its end says how it ended. */
const MAX_TEXT_BYTES = 65_536;

/** Carries a tool out. A refusal is the tool's result, in the service's own words: the model can act on it. */
export async function callOperation(
  spec: OperationSpec,
  input: Input,
  { url, headers: given }: Target,
): Promise<CallToolResult> {
  const body = spec.hasBody ? JSON.stringify(bodyOf(spec, input)) : undefined;
  const headers = { ...given, ...(body !== undefined && { 'content-type': 'application/json' }) };
  const init = { method: spec.method, headers, ...(body !== undefined && { body }) };
  try {
    return await answered(new URL(pathOf(spec, input), url), ANSWER_WITHIN_MS, resultOf, init);
  } catch (error) {
    if (!(error instanceof UserError)) throw error;
    return failed(error.message);
  }
}

function pathOf({ path, inPath, inQuery }: OperationSpec, input: Input): string {
  const filled = inPath.reduce(
    (text, name) => text.replace(`{${name}}`, encodeURIComponent(textOf(input[name]))),
    path,
  );
  const query = inQuery.flatMap((name): [string, string][] =>
    input[name] === undefined ? [] : [[name, textOf(input[name])]],
  );
  return query.length === 0 ? filled : `${filled}?${new URLSearchParams(query).toString()}`;
}

/** The schema has seen to it that it is text or a number. */
function textOf(value: unknown): string {
  return typeof value === 'string' ? value : JSON.stringify(value);
}

function bodyOf({ inPath, inQuery }: OperationSpec, input: Input): Input {
  const elsewhere = [...inPath, ...inQuery];
  return Object.fromEntries(Object.entries(input).filter(([name]) => !elsewhere.includes(name)));
}

async function resultOf(answer: Response): Promise<CallToolResult> {
  const isJson = /^application\/(?:problem\+)?json\b/.test(answer.headers.get('content-type') ?? '');
  if (!isJson) return { content: [{ type: 'text', text: await endOf(answer) }] };
  const said = (await answer.json()) as Record<string, unknown> & { readonly detail?: string; readonly code?: string };
  if (!answer.ok) return failed(`${said.code ?? answer.status}: ${said.detail ?? 'the service refused'}`);
  return { content: [{ type: 'text', text: JSON.stringify(said) }], structuredContent: said };
}

/** In constant memory, however long it is. */
async function endOf(answer: Response): Promise<string> {
  let [end, bytes] = [Buffer.alloc(0), 0];
  for await (const chunk of (answer.body ?? []) as AsyncIterable<Uint8Array>) {
    bytes += chunk.length;
    end = Buffer.concat([end, chunk]).subarray(-MAX_TEXT_BYTES);
  }
  const text = end.toString('utf8');
  return bytes > end.length ? `[the last ${end.length} of ${bytes} bytes]\n${text}` : text;
}

function failed(text: string): CallToolResult {
  return { isError: true, content: [{ type: 'text', text }] };
}
