import { setTimeout as delay } from 'node:timers/promises';
import type { Random } from '../simulation/random';
import { FATES, filesOf, type Fate } from './fates';
import type { Requests } from './requests';
import { PROJECT, type Site } from './site';
import type { Tail } from './tail';

/** More would only queue for the lane. */
const MOST_OPEN = 10;
const PAUSE_MS = 350;
const AGAIN_MS = 300;
const HELD_MS = 1_500;
const FAMILIAR_OPERATIONS = ['hold', 'retry', 'hold', 'retry', 'cancel'] as const;

/** Those who submit branches and meddle with tasks. What they do is decided by the seed, when by how fast answers come. */
export class People {
  /** Every task that was asked for, acknowledged or not. */
  readonly fates = new Map<string, Fate>();
  /** Held by a person: to be released by one. */
  private readonly held = new Set<string>();
  private names = 0;

  constructor(
    private readonly site: Site,
    private readonly requests: Requests,
    private readonly tail: Tail,
    private readonly random: Random,
  ) {}

  async live(signal: AbortSignal): Promise<void> {
    const underWay: Promise<unknown>[] = [];
    while (!signal.aborted) {
      if (this.tail.openTasks(PROJECT).length < MOST_OPEN) await this.submit(signal);
      if (this.random.chance(0.35)) underWay.push(this.meddle(signal));
      if (this.random.chance(0.2)) this.moveABranch();
      await delay(PAUSE_MS * this.random.between(0.3, 1.7));
    }
    await Promise.all(underWay);
  }

  /** Lets everything go on that a person had stopped. */
  async releaseAll(signal: AbortSignal): Promise<void> {
    for (const task of this.held) await this.release(task, signal);
  }

  private async submit(signal: AbortSignal): Promise<void> {
    const key = `T${this.fates.size + 1}`;
    const fate = this.random.pick(FATES);
    this.fates.set(key, fate);
    this.site.repository.push(branchOf(key), filesOf(key, fate), 'main');
    const body = { project: PROJECT, id: key, branch: branchOf(key), startStage: 'deploy-staging' };
    const request = { what: 'submit', task: `${PROJECT}.${key}`, mark: `submit-${key}`, body } as const;
    // The same request until it is answered: the first may have been stored.
    while ((await this.requests.send(request)) === 'none' && !signal.aborted) await delay(AGAIN_MS);
  }

  private async meddle(signal: AbortSignal): Promise<void> {
    const open = this.tail.openTasks(PROJECT);
    if (open.length === 0) return;
    const task = this.random.pick(open);
    const what = this.random.pick(FAMILIAR_OPERATIONS);
    if (what === 'cancel' && this.random.chance(0.7)) return;
    if (what === 'hold') this.held.add(task);
    await this.requests.send({ what, task, mark: this.name(what) });
    if (what !== 'hold') return;
    await delay(HELD_MS * this.random.between(0.2, 1.8));
    await this.release(task, signal);
  }

  private async release(task: string, signal: AbortSignal): Promise<void> {
    const request = { what: 'release', task, mark: this.name('release') } as const;
    let answer = await this.requests.send(request);
    while (answer === 'none' && !signal.aborted) {
      await delay(AGAIN_MS);
      answer = await this.requests.send(request);
    }
  }

  /** A developer who pushes once more, at any moment of the task's life. */
  private moveABranch(): void {
    const movable = this.tail
      .openTasks(PROJECT)
      .map((task) => task.slice(PROJECT.length + 1))
      .filter((key) => this.fates.get(key) === 'moves');
    if (movable.length === 0) return;
    const key = this.random.pick(movable);
    const count = (this.names += 1);
    this.site.repository.push(branchOf(key), { [`notes/${key}`]: `${count}\n` });
  }

  private name(what: string): string {
    this.names += 1;
    return `${what}-${this.names}`;
  }
}

export function branchOf(key: string): string {
  return `change/${key}`;
}
