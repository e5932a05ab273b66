import { fork, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { DEFAULT_SETTINGS, type Settings } from './faults';
import type { StoredPeerEvent } from './peer-log';
import type { Orders, PeerRequest } from './peer-main';

const MAIN = join(__dirname, 'peer-main.ts');
const HOOK = resolve(__dirname, '../ts-register.cjs');

/** Paths of PEM files. */
export interface Certificate {
  readonly key: string;
  readonly chain: string;
}

export interface PeerOptions extends Partial<Settings> {
  /** For TLS; without it everything is in the clear. */
  readonly certificate?: Certificate;
}

type Answer = { readonly result: unknown } | { readonly error: string };

/**
 * Speaks the protocol of EventStoreDB to the real client, from a process of its own: a busy test would starve it. It is no
 * server: access lists, elections and storage are not modelled, and whoever says who he is is believed.
 */
export class EventStorePeer {
  private last: Promise<unknown> = Promise.resolve();

  private constructor(
    private child: ChildProcess,
    private readonly folder: string,
    private readonly options: PeerOptions,
    readonly port: number,
  ) {}

  static async start(options: PeerOptions = {}): Promise<EventStorePeer> {
    const folder = mkdtempSync(join(tmpdir(), 'stagegate-peer-'));
    const child = launch(folder, 0, options);
    return new EventStorePeer(child, folder, options, (await answerOf(child)) as number);
  }

  get url(): string {
    return `esdb://127.0.0.1:${this.port}?tls=false`;
  }

  async order<Name extends keyof Orders>(
    order: Name,
    ...parameter: Parameters<Orders[Name]>
  ): Promise<ReturnType<Orders[Name]>> {
    const request: PeerRequest = { order, parameter: parameter[0] };
    // One at a time: the answers bear no names.
    const answer = this.last.then(() => {
      const { child } = this;
      const next = answerOf(child);
      child.send(request);
      return next;
    });
    this.last = answer.catch(() => undefined);
    return (await answer) as ReturnType<Orders[Name]>;
  }

  /** As a crash: nothing is ended, and the log stays. */
  async kill(): Promise<void> {
    const { child } = this;
    if (child.exitCode !== null || child.signalCode !== null) return;
    child.kill('SIGKILL');
    await once(child, 'exit');
  }

  /** At the same address, with the same log. */
  async restart(): Promise<void> {
    await this.kill();
    this.child = launch(this.folder, this.port, this.options);
    await answerOf(this.child);
  }

  /** A hand that reaches into the log while the server is down. */
  async rewrite(change: (events: readonly StoredPeerEvent[]) => readonly StoredPeerEvent[]): Promise<void> {
    await this.kill();
    const path = logIn(this.folder);
    const lines = readFileSync(path, 'utf8').split('\n').slice(0, -1);
    const changed = change(lines.map((line) => JSON.parse(line) as StoredPeerEvent));
    writeFileSync(path, changed.map((event) => `${JSON.stringify(event)}\n`).join(''));
    await this.restart();
  }

  async stop(): Promise<void> {
    await this.kill();
    rmSync(this.folder, { recursive: true, force: true });
  }
}

function logIn(folder: string): string {
  return join(folder, 'log.jsonl');
}

function launch(folder: string, port: number, { certificate, ...settings }: PeerOptions): ChildProcess {
  const files = certificate ? [certificate.key, certificate.chain] : [];
  const asJson = JSON.stringify({ ...DEFAULT_SETTINGS, ...settings });
  return fork(MAIN, [logIn(folder), String(port), asJson, ...files], { execArgv: ['--require', HOOK] });
}

async function answerOf(child: ChildProcess): Promise<unknown> {
  const over = new AbortController();
  const { signal } = over;
  const exit = once(child, 'exit', { signal }).then((): Answer => ({ error: 'the peer ended' }));
  const message = once(child, 'message', { signal }).then(([answer]) => answer as Answer);
  exit.catch(() => undefined);
  message.catch(() => undefined);
  try {
    const answer = await Promise.race([message, exit]);
    if ('error' in answer) throw new Error(answer.error);
    return answer.result;
  } finally {
    over.abort();
  }
}
