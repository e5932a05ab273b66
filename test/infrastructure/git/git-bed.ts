import { spawn, type ChildProcess } from 'node:child_process';
import { appendFileSync, existsSync, mkdirSync, readdirSync, readlinkSync, utimesSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type { Landing, RepositoryRef } from '../../../src/application/ports/git-workspace';
import { LocalGitWorkspace } from '../../../src/infrastructure/git/local-git-workspace';
import { LOCK_LIFE_MS } from '../../../src/infrastructure/git/own-clone/stale-locks';
import { SampleRepository, type SampleOptions } from '../../support/sample-repository';

export const TASK = 'web.T-1';
export const LOG = 'a1b2c3';

const PATH = process.env['PATH'] ?? '';

/** Made once: most tests begin with the same repository. */
let template: SampleRepository | null = null;
let ready: Promise<{ readonly bed: GitBed; readonly landing: Landing }> | null = null;
afterAll(async () => {
  template?.dispose();
  (await ready)?.bed.dispose();
});

/** A real repository, and the service's workspace on it. */
export class GitBed extends SampleRepository {
  readonly state = join(this.root, 'state');
  readonly workspace = new LocalGitWorkspace({ stateDir: this.state, worker: 'host/boot/pid/1/1' });

  /** A branch beside a main that has gone on, and the landing of it, with everything but the landing itself done. */
  static async withLanding(): Promise<{ readonly bed: GitBed; readonly landing: Landing }> {
    ready ??= prepare();
    const { bed, landing } = await ready;
    return { bed: new GitBed({ like: bed.root }), landing };
  }

  constructor(options?: SampleOptions) {
    super(options ?? { like: (template ??= new SampleRepository()).root });
  }

  repository(project = 'web', path = this.dir): RepositoryRef {
    return { project, path, main: 'main' };
  }

  /** The service's own clone. */
  own(project = 'web'): string {
    return join(this.state, 'repos', `${project}.git`);
  }

  /** What the next `commit` on main is in terms of git: everything a landing needs, with the candidate made. */
  async candidate(branch: string, { task = TASK, epoch = '1', repository = this.repository() } = {}): Promise<Landing> {
    const heads = await this.workspace.fetch(repository, task, branch);
    const { headOid, baseOid, containsBase } = heads;
    const lease = await this.workspace.takeEpoch(repository, { task, epoch, log: LOG });
    const common = { task, branch, headOid, baseOid, lease, claimRevision: '7' };
    if (containsBase) return { ...common, newOid: headOid };
    const rebased = await this.workspace.rebase(repository, { task, branch, headOid, baseOid });
    if (rebased.kind !== 'rebased') throw new Error(`expected a candidate, saw ${rebased.kind}`);
    return { ...common, newOid: rebased.newOid };
  }

  ref(name: string, cwd = this.dir): string | null {
    const text = this.git(['for-each-ref', '--format=%(refname) %(objectname)', name], cwd);
    return (
      text
        .split('\n')
        .find((line) => line.startsWith(`${name} `))
        ?.split(' ')[1] ?? null
    );
  }

  /** Every ref of the target, to show that nothing changed. */
  refs(): string {
    return this.git(['for-each-ref', '--format=%(refname) %(objectname)'], this.dir);
  }

  /** Adds a setting as `git config` would, to whose file it adds nothing but the cost of a process. */
  config(dir: string, name: string, value: string): void {
    const [, section, subsection, key] = /^([^.]+)\.(?:(.+)\.)?([^.]+)$/.exec(name) ?? [];
    const header = subsection === undefined ? section : `${section} ${quoted(subsection)}`;
    const inside = join(dir, '.git', 'config');
    appendFileSync(existsSync(inside) ? inside : join(dir, 'config'), `[${header}]\n\t${key} = ${quoted(value)}\n`);
  }

  /** @returns the lock files of a repository, relative to it. */
  locks(dir = this.dir): readonly string[] {
    return readdirSync(dir, { recursive: true, encoding: 'utf8' }).filter((name) => name.endsWith('.lock'));
  }

  /** A lock as git leaves it when it is killed; by default old enough to be nobody's. */
  plantLock(ref: string, { dir = this.dir, ageMs = LOCK_LIFE_MS + 60_000 } = {}): string {
    const path = join(dir, `${ref}.lock`);
    this.plant(path, '');
    this.age(`${ref}.lock`, { dir, ageMs });
    return path;
  }

  /** Makes a file look as if it had been there for a while. */
  age(name: string, { dir = this.dir, ageMs = LOCK_LIFE_MS + 60_000 } = {}): void {
    const at = (Date.now() - ageMs) / 1000;
    utimesSync(join(dir, name), at, at);
  }

  plant(path: string, text: string, mode = 0o644): string {
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, text, { mode });
    return path;
  }

  /** A shell command that shows by a file that it was run. */
  canary(name: string): string {
    return `touch '${join(this.root, `canary-${name}`)}'`;
  }

  /** Names of the canaries that were run. */
  sung(): readonly string[] {
    return readdirSync(this.root).filter((name) => name.startsWith('canary-'));
  }

  /** Puts a shell script in the place of git until the bed is disposed of; `$REAL_GIT` is the real one. */
  fakeGit(script: string): void {
    const bin = join(this.root, 'bin');
    const lines = ['#!/bin/sh', `PATH='${PATH}'`, 'REAL_GIT=$(command -v git)', script];
    this.plant(join(bin, 'git'), `${lines.join('\n')}\n`, 0o755);
    process.env['PATH'] = `${bin}:${PATH}`;
  }

  realGit(): void {
    process.env['PATH'] = PATH;
  }

  /** Another process that asks a workspace of its own for one thing on the bed's repository. */
  startWorkspace(worker: string, method: 'rebase' | 'land', argument: object): ChildProcess {
    const given = JSON.stringify([{ stateDir: this.state, worker }, this.repository(), argument]);
    const script =
      `const { LocalGitWorkspace } = require('./src/infrastructure/git/local-git-workspace');` +
      `const [options, repository, argument] = ${given};` +
      `new LocalGitWorkspace(options).${method}(repository, argument).then((is) => console.log(JSON.stringify(is)));`;
    const args = ['-r', './test/support/ts-register.cjs', '-e', script];
    // Jest gives tests an environment of their own, which a child gets only when it is told.
    return spawn(process.execPath, args, { env: process.env, stdio: ['ignore', 'pipe', 'inherit'] });
  }

  /** Pids of the processes that work in a folder or below. */
  processesIn(dir: string): readonly number[] {
    return readdirSync('/proc')
      .filter((name) => {
        try {
          return /^\d+$/.test(name) && `${readlinkSync(`/proc/${name}/cwd`)}/`.startsWith(`${dir}/`);
        } catch {
          // It ended meanwhile, or is somebody else's.
          return false;
        }
      })
      .map(Number);
  }

  killProcessesIn(dir: string): void {
    for (const pid of this.processesIn(dir)) {
      try {
        process.kill(pid, 'SIGKILL');
      } catch {
        // It has ended by itself.
      }
    }
  }

  override dispose(): void {
    this.realGit();
    this.killProcessesIn(this.root);
    super.dispose();
  }

  exists(...parts: readonly string[]): boolean {
    return existsSync(join(...parts));
  }
}

/** A text in the language of git's configuration. */
function quoted(text: string): string {
  return `"${text.replace(/["\\]/g, '\\$&')}"`;
}

async function prepare(): Promise<{ readonly bed: GitBed; readonly landing: Landing }> {
  const bed = new GitBed();
  bed.commit('feature', { 'feature.txt': 'feature\n' }, 'main');
  bed.commit('main', { 'later.txt': 'later\n' });
  const landing = await bed.candidate('feature');
  bed.pack([bed.own()]);
  return { bed, landing };
}

export async function codeOf(work: Promise<unknown>): Promise<string> {
  return work.then(
    (value) => `resolved: ${JSON.stringify(value)}`,
    (error: unknown) => (error as { code?: string }).code ?? String(error),
  );
}

/** Waits for something that other processes bring about. */
export async function until(holds: () => boolean, withinMs = 20_000): Promise<void> {
  const end = Date.now() + withinMs;
  while (!holds()) {
    if (Date.now() > end) throw new Error(`waited ${withinMs} ms in vain for ${holds.toString()}`);
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
}
