import { SCOPES, type Scope } from '../../../src/domain/authority/principal';
import { SampleRepository } from '../../support/sample-repository';
import { DocumentedAnswers } from './fuzz/documented-answers';
import type { Operation } from './fuzz/fuzzed-request';
import { OTHER, OTHER_RUN, writeOtherProject } from './other-project';
import { OPERATOR_TOKEN, ServedCore } from './served-core';

jest.setTimeout(240_000);

/** As long as the other one, and never heard of. */
const NOBODY = 'zephir';
const NO_RUN = OTHER_RUN.replace('abcd', 'abce');
const sample = new SampleRepository();
const operations = new DocumentedAnswers().operations();
let open: ServedCore;
/** Whom others reach: reading needs a token. */
let guarded: ServedCore;

beforeAll(async () => {
  sample.push('feature', { 'a.txt': 'a\n' }, 'main');
  const zephyr = { repo: sample.dir, staging: { suite: 'true' } };
  const start = (proxies: readonly string[]) =>
    ServedCore.start(sample.dir, null, {}, null, undefined, {}, { proxies, others: { [OTHER]: zephyr } });
  open = await start([]);
  guarded = await start(['127.0.0.1']);
  for (const served of [open, guarded]) {
    await writeOtherProject(served.store, served.stateDir);
    // Its work is for whoever takes it.
    const offered = { project: OTHER, id: 'offered', branch: 'feature', title: `of ${OTHER}` };
    const asked = { path: '/v1/tasks', body: JSON.stringify(offered) };
    expect((await ask(served, 'POST', asked, OPERATOR_TOKEN)).status).toBe(201);
  }
});
afterAll(async () => {
  await open.stop();
  await guarded.stop();
  sample.dispose();
});

interface Asked {
  readonly path: string;
  readonly body?: string;
}

/** What names things of the other project, in the place of the examples of the document. */
const NAMES: Readonly<Record<string, string>> = {
  id: `${OTHER}.T1`,
  task: `${OTHER}.T1`,
  project: OTHER,
  alert: `${OTHER}.held@2`,
  runId: OTHER_RUN,
  artifact: '15-retest-log.md',
};

/** One request without parameters that may be left out, and one with each that can name something of the other project. */
function requestsOf({ path, parameters, requestBody }: Operation): readonly Asked[] {
  const filled = parameters
    .filter(({ in: where }) => where === 'path')
    .reduce((text, { name, example }) => text.replace(`{${name}}`, encodeURIComponent(NAMES[name] ?? example)), path);
  const queries = parameters.filter(({ in: where, name }) => where === 'query' && NAMES[name] !== undefined);
  const example = requestBody?.content['application/json']?.example;
  // A name of the other project wherever the example has one of a project, a task or an alert.
  const body = example && JSON.stringify(example).replace(/"web(?=["\\.])/g, `"${OTHER}`);
  const paths = ['', ...queries.map(({ name }) => `?${name}=${encodeURIComponent(NAMES[name] ?? '')}`)];
  return paths.map((query) => ({ path: filled + query, ...(body !== undefined && { body }) }));
}

async function ask(served: ServedCore, method: string, { path, body }: Asked, token: string) {
  // What takes no condition refuses one.
  const isConditional = /override|waivers/.test(path);
  const headers = {
    accept: 'application/json',
    authorization: `Bearer ${token}`,
    ...(isConditional && { 'if-match': '*' }),
    ...(body !== undefined && { 'content-type': 'application/json' }),
  };
  const init = { method, headers, ...(body !== undefined && { body }) };
  const answer = await fetch(served.url + path, init);
  return { status: answer.status, text: await answer.text() };
}

async function tokenFor(served: ServedCore, scopes: readonly Scope[], projects: '*' | readonly string[], name: string) {
  const answer = await fetch(`${served.url}/v1/tokens`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', authorization: `Bearer ${OPERATOR_TOKEN}` },
    body: JSON.stringify({ name, scopes, projects }),
  });
  return ((await answer.json()) as { token: string }).token;
}

/** The same request about what there is not. */
function aboutNobody(text: string): string {
  return text.replaceAll(OTHER, NOBODY).replaceAll(OTHER_RUN, NO_RUN);
}

/** What differs between two equal answers: the time. */
function timeless(text: string): string {
  return text.replace(/"\d{4}-[\dT:.-]+Z"/g, '"at"').replace(/"lagMs":\d+/g, '"lagMs":0');
}

const NAMED = operations.map((operation) => [`${operation.method} ${operation.path}`, operation] as const);

describe.each(['open', 'guarded'] as const)('on a service that is %s', (door) => {
  const served = () => (door === 'open' ? open : guarded);
  let mine: string;
  let every: string;

  beforeAll(async () => {
    mine = await tokenFor(served(), ['read', 'submit', 'work', 'operate'], ['web'], 'mine');
    every = await tokenFor(served(), ['read'], '*', 'every');
  });

  it.each(NAMED)('%s tells a token of one project nothing of another', async (_, operation) => {
    for (const asked of requestsOf(operation)) {
      const about = {
        path: aboutNobody(asked.path),
        ...(asked.body !== undefined && { body: aboutNobody(asked.body) }),
      };
      const seen = await ask(served(), operation.method, asked, mine);
      const nobody = await ask(served(), operation.method, about, mine);
      // Exactly what is said of what there is not, but for the name that was asked for.
      expect([asked.path, seen.status, timeless(aboutNobody(seen.text))]).toEqual([
        asked.path,
        nobody.status,
        timeless(nobody.text),
      ]);
      if (seen.status !== 200 && seen.status !== 201) continue;
      expect([asked.path, new RegExp(`.{0,40}(?:${OTHER}|${OTHER_RUN}).{0,40}`).exec(seen.text)]).toEqual([
        asked.path,
        null,
      ]);
    }
  });

  it('and a token of all projects is told of it by every read', async () => {
    const silent: string[] = [];
    for (const [name, operation] of NAMED) {
      if (operation.method !== 'GET') continue;
      const answers = await Promise.all(requestsOf(operation).map((asked) => ask(served(), 'GET', asked, every)));
      const isTold = answers.some(
        ({ status, text }) => status === 200 && (text.includes(OTHER) || text.includes(OTHER_RUN)),
      );
      if (!isTold) silent.push(name);
    }
    silent.sort();
    expect(silent).toEqual(NOT_OF_PROJECTS);
  });
});

/** Reads that tell of no project; `GET /v1/tokens` needs another scope. */
const NOT_OF_PROJECTS: readonly string[] = [
  'GET /health/live',
  'GET /openapi.json',
  'GET /problems/{code}',
  'GET /v1/tokens',
];

it.each(SCOPES)('a token of scope %s may do what the document says it is for, and nothing else', async (scope) => {
  const token = await tokenFor(guarded, [scope], '*', `only-${scope}`);
  const wrong: unknown[] = [];
  for (const [name, operation] of NAMED) {
    const [documented] = (operation.security ?? []).flatMap((one) => one['bearer'] ?? []);
    const [asked] = requestsOf(operation);
    if (!asked) continue;
    const { status, text } = await ask(guarded, operation.method, asked, token);
    const isRefused = status === 403 && text.includes('"code":"not-allowed"');
    if (isRefused !== (documented !== undefined && documented !== scope)) wrong.push([name, documented, status, text]);
  }
  expect(wrong).toEqual([]);
});
