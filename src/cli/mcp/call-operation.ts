import type { CallToolResult } from '@modelcontextprotocol/server';
import { ANSWER_WITHIN_MS, answered } from '../http-client';
import { UserError } from '../user-error';
import type { OperationSpec } from './operations';
import type { ToolSpec } from './tools';

/** Where tools are carried out, and as whom. */
export interface Target {
  /** Address of the service, without a path. */
  readonly url: string;
  /** Those that say who asks, and from where. */
  readonly headers: Readonly<Record<string, string>>;
}

type Input = Readonly<Record<string, unknown>>;

/** As much of a text as a model can use at once. */
const MAX_TEXT_BYTES = 65_536;

/** Carries a tool out. A refusal is the tool's result, in the service's own words: the model can act on it. */
export async function callOperation(
  spec: OperationSpec,
  input: Input,
  { url, headers: given }: Target,
  shows: NonNullable<ToolSpec['shows']>,
): Promise<CallToolResult> {
  const body = spec.hasBody ? JSON.stringify(bodyOf(spec, input)) : undefined;
  const headers = {
    ...given,
    ...(body !== undefined && { 'content-type': 'application/json' }),
    ...(spec.hasRanges && { range: rangeOf(input, shows) }),
  };
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
    (before, name) => before.replace(`{${name}}`, encodeURIComponent(textOf(input[name]))),
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

function rangeOf({ from }: Input, shows: NonNullable<ToolSpec['shows']>): string {
  if (typeof from === 'number') return `bytes=${from}-${from + MAX_TEXT_BYTES - 1}`;
  return shows === 'end' ? `bytes=-${MAX_TEXT_BYTES}` : `bytes=0-${MAX_TEXT_BYTES - 1}`;
}

async function resultOf(answer: Response): Promise<CallToolResult> {
  const range = answer.headers.get('content-range');
  // Nothing has no parts.
  if (answer.status === 416 && range === 'bytes */0') return text('');
  if (answer.status === 206) return text(`${placeOf(range)}${await answer.text()}`);
  const said = (await answer.json()) as Record<string, unknown> & { readonly detail?: string; readonly code?: string };
  if (!answer.ok) return failed(`${said.code ?? answer.status}: ${said.detail ?? 'the service refused'}`);
  return { ...text(JSON.stringify(said)), structuredContent: said };
}

/** Which part of a text it is, in a line before it; nothing for all of it. */
function placeOf(range: string | null): string {
  const [, first = '0', last = '0', size = '0'] = /^bytes (\d+)-(\d+)\/(\d+)$/.exec(range ?? '') ?? [];
  const next = Number(last) + 1;
  if (first === '0' && next === Number(size)) return '';
  const goOn = next < Number(size) ? `; go on with from: ${next}` : '';
  return `[bytes ${first} to ${last} of ${size}${goOn}]\n`;
}

function text(said: string): CallToolResult {
  return { content: [{ type: 'text', text: said }] };
}

function failed(said: string): CallToolResult {
  return { isError: true, ...text(said) };
}
