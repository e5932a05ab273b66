import {
  AGENT_ROLES,
  RESERVED_PRODUCERS,
  rowOf,
  STAGE_TRANSITIONS,
  stageOf,
  type GateName,
} from '../../../src/domain/task/pipeline';
import { callSites, entrances, rolesOfRequests, transports, transportsMade, unproven } from './agent-sites';
import { inventory, type WayRow } from './inventory';
import { scan, type Finding, type Scanned } from './scanned';
import { modelPackages, networkWays, packages, processWays } from './ways-out';

jest.setTimeout(120_000);

const listed = inventory();
const ways = (findings: readonly Finding[]) =>
  [...new Set(findings.map(({ file, what }) => `${file}: ${what}`))].sort();
const namesOf = (findings: readonly Finding[]) => [...new Set(findings.map(({ what }) => what))].sort();
const waysOf = (rows: readonly WayRow[]) =>
  rows.flatMap(({ file, uses }) => uses.map((use) => `${file}: ${use}`)).sort();

/** Where a name is taken for a role or a job that was read as text: from the table of jobs itself, and its own keys. */
const READ_AS_TEXT = ['src/domain/task/job.ts#jobOf', 'src/domain/task/job.ts#jobsOf'];

/** The product, and beside it what is planted: to compile them once takes long enough. */
let scanned: Scanned;

beforeAll(() => {
  scanned = scan({
    ...Object.fromEntries(PLANTED.map(({ file, text }) => [file, text])),
    [INNOCENT.file]: INNOCENT.text,
  });
});

type Rule = (scanned: Scanned) => readonly Finding[];

/** What a rule finds in the product itself. */
function inProduct(rule: Rule): readonly Finding[] {
  const planted = new Set([...PLANTED.map(({ file }) => file), INNOCENT.file]);
  return rule(scanned).filter(({ file }) => !planted.has(file));
}

describe('what asks a model', () => {
  it('is one transport, made by the service and by a worker from outside', () => {
    expect(namesOf(inProduct(transports))).toEqual([listed.transport.adapter]);
    const places = namesOf(inProduct(transportsMade)).map((place) => place.split('#')[0]);
    expect(places).toEqual(listed.transport.madeIn);
  });

  it('is called where the inventory says, and it has no dead row', () => {
    expect(namesOf(inProduct(callSites))).toEqual(listed.callSites.map(({ at }) => at).sort());
  });

  it('gives its answer to the decider where the inventory says, and nowhere else', () => {
    expect(namesOf(inProduct(entrances))).toEqual(listed.entrances.map(({ at }) => at).sort());
  });

  it('is asked for agents alone: no reserved producer is a role, and nobody asserts that something is one', () => {
    expect([...(rolesOfRequests(scanned) ?? [])].sort()).toEqual([...AGENT_ROLES].sort());
    expect(AGENT_ROLES.filter((role) => (RESERVED_PRODUCERS as readonly string[]).includes(role))).toEqual([]);
    expect(namesOf(inProduct(unproven))).toEqual([...READ_AS_TEXT].sort());
  });
});

describe('every other way out', () => {
  it('to a process is listed, with what is started', () => {
    expect(ways(inProduct(processWays))).toEqual(waysOf(listed.processes));
  });

  it('to a network is listed, with who is spoken to', () => {
    expect(ways(inProduct(networkWays))).toEqual(waysOf(listed.network));
  });

  it('leads to no library of a model, and every package is known', () => {
    expect(ways(inProduct(modelPackages))).toEqual([]);
    expect(namesOf(inProduct(packages))).toEqual([...listed.packages].sort());
  });
});

describe('the inventory', () => {
  it('has every role once, with the stage, gate and key of the pipeline', () => {
    expect(listed.roles.map(({ role }) => role).sort()).toEqual([...AGENT_ROLES].sort());
    for (const { role, stage, gate, answers } of listed.roles) {
      const row = STAGE_TRANSITIONS.find(({ producer, fallback }) => producer === role || fallback === role);
      expect([role, row?.stage, row?.artifact?.verdictKey ?? 'commits']).toEqual([role, stage, answers]);
      expect([role, stageOf(gate as GateName), rowOf(stageOf(gate as GateName)).gates[0]]).toEqual([role, stage, gate]);
    }
  });

  it('classifies by the two bits, and says what stands in the place of what is replaced', () => {
    for (const { role, axis, decides, computable, classification, by, why } of listed.roles) {
      expect([role, axis]).toEqual([role, decides ? 'C' : 'P']);
      expect([role, classification === 'keep']).toEqual([role, !(decides && computable)]);
      expect([role, by === undefined]).toEqual([role, classification !== 'replaced']);
      expect(why.length).toBeGreaterThan(20);
    }
  });

  it('has every reserved producer among the paths that ask nobody', () => {
    const producers = listed.deterministic.map(({ producer }) => producer);
    expect(producers).toEqual(expect.arrayContaining([...RESERVED_PRODUCERS]));
  });
});

/** One violation for each way around the rules, and what has to be said of it. */
const PLANTED: readonly {
  readonly rule: Rule;
  readonly file: string;
  readonly text: string;
  readonly what: string;
}[] = [
  {
    rule: transports,
    file: 'src/infrastructure/agents/second-transport.ts',
    text: "import { CommandAgentTransport } from './command-agent-transport';\nexport class SecondTransport extends CommandAgentTransport {}",
    what: 'src/infrastructure/agents/second-transport.ts#SecondTransport',
  },
  {
    rule: transports,
    file: 'src/infrastructure/agents/like-one.ts',
    text: "import { AgentTransport, type AgentReply } from '../../application/ports/agent-transport';\nexport class LikeOne implements AgentTransport { run(): Promise<AgentReply> { throw new Error(); } }",
    what: 'src/infrastructure/agents/like-one.ts#LikeOne',
  },
  {
    rule: transportsMade,
    file: 'src/cli/own-transport.ts',
    text: "import { CommandAgentTransport } from '../infrastructure/agents/command-agent-transport';\nexport function own(deps: never) { return new CommandAgentTransport(deps); }",
    what: 'src/cli/own-transport.ts#own',
  },
  {
    rule: callSites,
    file: 'src/application/sagas/second-opinion.ts',
    text: "import type { AgentTransport } from '../ports/agent-transport';\nexport class SecondOpinion { constructor(private readonly asked: { agents: AgentTransport }) {}\n async judge(request: never) { return this.asked.agents.run(request); } }",
    what: 'src/application/sagas/second-opinion.ts#SecondOpinion.judge',
  },
  {
    rule: callSites,
    file: 'src/application/sagas/by-name.ts',
    text: "import type { AgentTransport } from '../ports/agent-transport';\nexport function ask(agents: AgentTransport | null, request: never) { const { run } = agents!; return [run, agents?.['run'](request)]; }",
    what: 'src/application/sagas/by-name.ts#ask',
  },
  {
    rule: entrances,
    file: 'src/infrastructure/http/believes.ts',
    text: "export function believe(data: object) { return { type: 'ReportAgentDone', data }; }",
    what: 'src/infrastructure/http/believes.ts#believe',
  },
  {
    rule: unproven,
    file: 'src/application/sagas/claims.ts',
    text: "import type { AgentRole } from '../../domain/task/pipeline';\nexport const role = (name: string) => name as AgentRole;",
    what: 'src/application/sagas/claims.ts',
  },
  ...[
    ['an import', "import { spawn } from 'node:child_process';\nexport const x = spawn;", 'child_process'],
    ['an import without the prefix', "import { exec } from 'child_process';\nexport const x = exec;", 'child_process'],
    ['a thread', "import { Worker } from 'node:worker_threads';\nexport const x = Worker;", 'worker_threads'],
    ['a late import', "export const x = () => import('execa');", 'execa'],
    ['a require', "export const x = require('node:cluster');", 'cluster'],
    [
      'a module named at run time',
      'export const x = (name: string) => import(name);',
      'a module that is named at run time',
    ],
    ['text that is run', "export const x = () => eval('1');", 'eval'],
    ['a function from text', "export const x = new Function('return 1');", 'Function'],
    ['what is behind process', "export const x = process.getBuiltinModule('node:fs');", 'process.getBuiltinModule'],
    ['an export from there', "export { fork } from 'node:child_process';", 'child_process'],
  ].map(([name = '', text = '', what = ''], index) => ({
    rule: processWays,
    file: `src/infrastructure/planted/process-${index}.ts`,
    text: `// ${name}\n${text}`,
    what,
  })),
  ...[
    ['the global', "export const x = () => fetch('https://example.org');", 'fetch'],
    ['the global by another name', 'const get = fetch;\nexport const x = get;', 'fetch'],
    ['the global in an object', 'export const x = { fetch };', 'fetch'],
    ['the global by its holder', "export const x = () => globalThis.fetch('https://example.org');", 'fetch'],
    ['something of the holder', 'export const x = (name: "fetch") => globalThis[name];', 'globalThis'],
    ['an import', "import { request } from 'node:https';\nexport const x = request;", 'https'],
    ['sockets', "import { connect } from 'node:tls';\nexport const x = connect;", 'tls'],
    ['a client', "import { request } from 'undici';\nexport const x = request;", 'undici'],
  ].map(([name = '', text = '', what = ''], index) => ({
    rule: networkWays,
    file: `src/infrastructure/planted/network-${index}.ts`,
    text: `// ${name}\n${text}`,
    what,
  })),
  ...['@anthropic-ai/sdk', 'openai', '@langchain/core', 'ollama', '@google/generative-ai', 'ai'].map((name, index) => ({
    rule: modelPackages,
    file: `src/application/planted/model-${index}.ts`,
    text: `import * as model from '${name}';\nexport const x = model;`,
    what: name,
  })),
  {
    rule: modelPackages,
    file: 'src/application/planted/model-asked.ts',
    text: "import { McpServer } from '@modelcontextprotocol/server';\nexport const x = (s: McpServer) => s.server.createMessage;",
    what: 'createMessage',
  },
];

const INNOCENT = {
  file: 'src/application/planted/innocent.ts',
  text: [
    "import type { ChildProcess } from 'node:child_process';",
    'export interface Known { fetch(): void; readonly eval: ChildProcess | null }',
    'export const x = (log: { fetch(): void; run(): void }) => { log.fetch(); log.run(); };',
    "export const y = 'child_process';",
  ].join('\n'),
};

describe('a violation of each rule is seen', () => {
  it.each(PLANTED.map((seed) => [seed.file, seed] as const))('%s', (file, { rule, what }) => {
    expect(rule(scanned).filter((finding) => finding.file === file)).toContainEqual({ file, what });
  });

  it('a package that is not known', () => {
    expect(namesOf(packages(scanned))).toContain('openai');
  });

  it('and what only looks like one is none', () => {
    const rules = [processWays, networkWays, modelPackages, packages, callSites, entrances, unproven, transports];
    expect(rules.flatMap((rule) => rule(scanned)).filter(({ file }) => file === INNOCENT.file)).toEqual([]);
  });
});
