import type { Random } from '../simulation/random';
import { FastImport, type Node } from '../support/history/fast-import';
import { apply, file, type Files, type Made } from '../support/history/files';
import { done, fresh, type Step } from '../support/history/steps';
import { drawn } from './drawn';
import type { Action, Weights } from './shapes';
import { wordsOf } from './words';

const MAIN = 'refs/heads/main';
const MOST_OPEN = 6;
const FIRST_FILES = 16;
const FOLDERS = ['', 'src/', 'docs/'];
/** Commits of main that somebody still looks at. */
const RECENT = 12;
const NUMBERS = 1_000;

interface Branch {
  readonly ref: string;
  /** What it has in common with main. */
  base: Node;
  tip: Node;
  /** Its own, without merges. */
  readonly commits: Node[];
}

/** People who work on one repository. How they solve conflicts is their own affair: what is there stays. */
export class Team {
  /** Of main, so far. */
  merges = 0;
  private readonly stream = new FastImport();
  private readonly end: string;
  private readonly main: Branch;
  private readonly inMain = new Set<Node>();
  private branches: readonly Branch[] = [];
  private count = 0;

  constructor(
    private readonly random: Random,
    private readonly weights: Omit<Weights, 'actions'>,
  ) {
    this.end = weights.isCrlf ? '\r\n' : '\n';
    const files = Array.from(
      { length: FIRST_FILES },
      (_, at) => [`${FOLDERS[at % FOLDERS.length] ?? ''}f${at}.txt`, file(fresh(at, this.end))] as const,
    );
    const first = new Map([...files, ['log.txt', file(`begin${this.end}`)]]);
    const root = this.stream.commit(MAIN, { files: first, parents: [], message: 'begin\n' });
    this.main = { ref: MAIN, base: root, tip: root, commits: [root] };
  }

  /** As `git fast-import` takes it. */
  history(): Uint8Array {
    return this.stream.bytes();
  }

  /** Does it, if there is anything to do it with. */
  act(action: Action): void {
    const { main } = this;
    const [branch, other] = this.two();
    if (action === 'main') this.work(main, []);
    else if (action === 'open') this.open(this.random.pick(main.commits.slice(-RECENT)));
    else if (action === 'revert') this.commit(main, changed(main.tip, reversed(this.recent())));
    else if (branch) this.actOn(action, branch, other);
  }

  private actOn(action: Exclude<Action, 'main' | 'open' | 'revert'>, branch: Branch, other: Branch | undefined): void {
    const { main } = this;
    switch (action) {
      case 'work':
        this.work(branch, [...main.commits.slice(-RECENT), ...(other?.commits ?? [])]);
        break;
      case 'stack':
        this.open(branch.tip, branch.base);
        break;
      case 'pick-in':
        this.commit(branch, changed(branch.tip, this.recent()));
        break;
      case 'pick-out':
        if (branch.commits.length > 0) this.commit(main, changed(main.tip, madeBy(this.random.pick(branch.commits))));
        break;
      case 'update':
        this.merge(branch, [main]);
        break;
      case 'criss-cross': {
        const before = main.tip;
        if (this.land([branch])) this.merge(branch, [{ tip: before, base: branch.base }]);
        break;
      }
      case 'join':
        if (other) this.merge(branch, [other]);
        break;
      case 'land':
        if (this.land([branch])) this.close([branch]);
        break;
      case 'octopus':
        if (other && this.land([branch, other])) this.close([branch, other]);
        break;
      case 'rewrite':
        for (const commit of branch.commits) this.commit(main, changed(main.tip, madeBy(commit)));
        this.close([branch]);
        break;
      case 'squash':
        this.commit(main, changed(main.tip, { before: branch.base.files, after: branch.tip.files }));
        this.close([branch]);
    }
  }

  private open(tip: Node, base = tip): void {
    if (this.branches.length >= MOST_OPEN) return;
    this.count += 1;
    this.branches = [...this.branches, { ref: `refs/heads/branch-${this.count}`, base, tip, commits: [] }];
  }

  private close(gone: readonly Branch[]): void {
    this.branches = this.branches.filter((branch) => !gone.includes(branch));
  }

  private two(): readonly [Branch | undefined, Branch | undefined] {
    if (this.branches.length === 0) return [undefined, undefined];
    const branch = this.random.pick(this.branches);
    const others = this.branches.filter((one) => one !== branch);
    return [branch, others.length === 0 ? undefined : this.random.pick(others)];
  }

  private recent(): Made {
    return madeBy(this.random.pick(this.main.commits.slice(-RECENT)));
  }

  private work(branch: Branch, others: readonly Node[]): void {
    const own = branch.commits.slice(-RECENT).map(madeBy);
    const context = { end: this.end, own, others: others.map(madeBy), at: String(this.random.below(NUMBERS)) };
    this.commit(branch, done(branch.tip.files, this.step(), context));
  }

  private step(): Step {
    const number = () => this.random.below(NUMBERS);
    const kind = drawn(this.random, this.weights.steps);
    // Each kind takes of the numbers what it needs.
    return { kind, file: number(), line: number(), word: number(), to: number(), commit: number() };
  }

  private commit(branch: Branch, files: Files): void {
    branch.tip = this.stream.commit(branch.ref, { files, parents: [branch.tip], ...this.words(branch, 'work') });
    branch.commits.push(branch.tip);
  }

  private merge(into: Branch, others: readonly Pick<Branch, 'tip' | 'base'>[]): void {
    const files = new Map(into.tip.files);
    for (const { tip } of others) apply(files, { before: into.base.files, after: tip.files });
    const parents = [into.tip, ...others.map(({ tip }) => tip)];
    into.tip = this.stream.commit(into.ref, { files, parents, ...this.words(into, 'merge') });
    for (const { tip } of others) into.base = tip;
  }

  /** @returns whether there was anything to land. */
  private land(branches: readonly Branch[]): boolean {
    const { main } = this;
    this.note(main.tip);
    if (branches.some(({ tip }) => this.inMain.has(tip))) return false;
    const files = new Map(main.tip.files);
    for (const { base, tip } of branches) apply(files, { before: base.files, after: tip.files });
    const parents = [main.tip, ...branches.map(({ tip }) => tip)];
    main.tip = this.stream.commit(MAIN, { files, parents, ...this.words(main, 'merge') });
    main.commits.push(main.tip);
    this.merges += 1;
    return true;
  }

  /** All that main has from there on. */
  private note(tip: Node): void {
    const open = [tip];
    for (let node = open.pop(); node; node = open.pop()) {
      if (this.inMain.has(node)) continue;
      this.inMain.add(node);
      open.push(...node.parents);
    }
  }

  private words({ ref }: Branch, what: string) {
    return wordsOf(this.random, `${what} ${this.random.below(NUMBERS)} on ${ref.slice('refs/heads/'.length)}`);
  }
}

function madeBy({ files, parents }: Node): Made {
  return { before: parents[0]?.files ?? files, after: files };
}

function reversed({ before, after }: Made): Made {
  return { before: after, after: before };
}

function changed({ files }: Node, made: Made): Files {
  const next = new Map(files);
  apply(next, made);
  return next;
}
