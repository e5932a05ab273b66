import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { CapturedStream } from '../../../src/application/ports/process-runner';
import type { UsageRead } from '../../../src/domain/usage/agent-usage';
import { readUsage } from '../../../src/infrastructure/agents/usage/read-usage';

const FIXTURES = join(__dirname, '../../fixtures/usage');

function fixture(name: string): Buffer {
  return readFileSync(join(FIXTURES, name));
}

function said(output: string | Buffer): UsageRead | null {
  const head = Buffer.from(output as string);
  return readUsage({ head, tail: Buffer.alloc(0), totalBytes: head.length, sha256: '', truncated: false });
}

function usage(read: UsageRead | null): unknown {
  return read?.kind === 'usage' ? read.usage : read;
}

const CLAUDE = {
  inputTokens: 70_812,
  outputTokens: 2_140,
  cachedTokens: 61_000,
  costUsd: 0.4132,
  model: 'claude-sonnet-4-5',
  durationMs: 41_250,
};
const CODEX = { inputTokens: 24_763, outputTokens: 1_220, cachedTokens: 20_448 };
const SCRIPT = {
  inputTokens: 1_200,
  outputTokens: 300,
  cachedTokens: 1_000,
  costUsd: 0.0125,
  model: 'house-model-2',
  durationMs: 900,
};

describe('the usage of a run', () => {
  it.each([
    ['claude-json.txt', CLAUDE],
    ['claude-stream.txt', CLAUDE],
    ['codex.txt', CODEX],
    ['codex-token-count.txt', CODEX],
    ['script.txt', SCRIPT],
  ])('%s is read into the one form', (name, expected) => {
    expect(usage(said(fixture(name)))).toEqual(expected);
  });

  it.each([
    ['on several lines', JSON.stringify(JSON.parse(fixture('claude-json.txt').toString()), null, 2)],
    ['as the last of a list', `[{"type":"system"},${fixture('claude-json.txt').toString()}]`],
    ['behind and before other lines', `{"usage":\nnpm ERR!\n${fixture('claude-json.txt').toString()}bye\n`],
  ])('the object may stand %s', (_what, output) => {
    expect(usage(said(output))).toEqual(CLAUDE);
  });

  it('of an output that was not kept whole, the end counts', () => {
    const tail = Buffer.concat([Buffer.from('put_tokens":1}}\n'), fixture('codex.txt')]);
    const stream: CapturedStream = {
      ...{ head: Buffer.from('{"type":"turn'), tail, totalBytes: 2 ** 31, sha256: '', truncated: true },
    };
    expect(usage(readUsage(stream))).toEqual(CODEX);
  });

  it.each([
    ['nothing', ''],
    ['no JSON', 'all 12 tests passed\n'],
    ['a report without a usage', '{"model":"sed","costUsd":0}\n'],
    ['what another object says of its own', '{"type":"assistant","message":{"usage":{"input_tokens":4}}}\n'],
    ['the first count of a session, which has no figures', '{"msg":{"type":"token_count","info":null}}\n'],
    ['other JSON', '"usage"\n[1, "usage"]\nnull\n7\n'],
  ])('there is none in %s', (_what, output) => {
    expect(said(output)).toBeNull();
  });
});

describe('what cannot be counted is left out as a whole, with the reason', () => {
  const plain = (figures: string) => `{"usage":{${figures}}}`;
  it.each<[string, string | Buffer, RegExp]>([
    ['cut in half', fixture('claude-json.txt').subarray(0, 600), /expected whole JSON .*, saw a part/],
    ['cut in its last line', fixture('codex.txt').subarray(0, -20), /expected whole JSON/],
    ['negative', plain('"inputTokens":-1,"outputTokens":2'), /inputTokens: expected a whole number .* saw -1$/],
    ['absurd', plain('"inputTokens":1e300,"outputTokens":2'), /inputTokens: .* saw 1e\+300$/],
    ['no number of JSON', plain('"inputTokens":NaN,"outputTokens":2'), /expected whole JSON/],
    ['infinite', plain('"inputTokens":1,"outputTokens":1e999'), /outputTokens: .* saw Infinity$/],
    ['a fraction', plain('"inputTokens":1.5,"outputTokens":2'), /inputTokens: .* saw 1\.5$/],
    ['text', plain('"inputTokens":"12","outputTokens":2'), /inputTokens: .* saw a value of type string$/],
    ['an object', plain('"inputTokens":{"a":1},"outputTokens":2'), /saw a value of type object$/],
    ['null', plain('"inputTokens":1,"outputTokens":null'), /saw a value of type null$/],
    ['missing', plain('"outputTokens":2'), /inputTokens: .* saw none$/],
    ['a dear one', plain('"inputTokens":1,"outputTokens":2,"costUsd":1e7'), /costUsd: expected a number from 0 to/],
    ['long', plain('"inputTokens":1,"outputTokens":2,"durationMs":1e12'), /durationMs: /],
    ['a model that is no text', plain('"inputTokens":1,"outputTokens":2,"model":7'), /model: expected text/],
    ['of another spelling', '{"usage":{"input_tokens":5}}', /inputTokens: .* saw none$/],
    ['not UTF-8', Buffer.from(`{"usage":{"model":"\xff"}}`, 'latin1'), /expected UTF-8/],
    [
      'odd in a part of a sum',
      '{"type":"result","usage":{"input_tokens":1,"cache_read_input_tokens":"9","output_tokens":1}}',
      /inputTokens: .* type string/,
    ],
    ['a codex turn without figures', '{"type":"turn.completed","usage":{}}', /inputTokens: .* saw none$/],
    ['nested without end', `{"usage":${'['.repeat(200_000)}`, /expected whole JSON/],
    [
      'nested deeply',
      `{"usage":{"inputTokens":${'['.repeat(5_000)}${']'.repeat(5_000)}}}`,
      /saw a value of type object$|expected whole JSON/,
    ],
  ])('%s', (_what, output, note) => {
    expect(said(output)).toEqual({ kind: 'unusable', note: expect.stringMatching(note) as string });
  });

  it('a broken line behind a good one is the one that counts: what came later is not known', () => {
    expect(said(`${fixture('codex.txt').toString()}{"type":"turn.completed","usage":{"inp`)).toMatchObject({
      kind: 'unusable',
    });
  });

  it('the model is text that steers nothing', () => {
    const read = said(`{"usage":{"inputTokens":1,"outputTokens":2,"model":"a\\u001b[2J\\nb${'x'.repeat(500)}"}}`);
    expect(usage(read)).toMatchObject({ model: expect.stringMatching(/^a bx{97}$/) as string });
  });

  it('a million lines that look like it cost as little as they are long', () => {
    // Quadratic work would not end.
    expect(said('{"type":"x","usage":1}\n'.repeat(100_000))).toBeNull();
    expect(said('{'.repeat(2_000_000))).toBeNull();
  });
});
