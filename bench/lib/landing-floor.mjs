import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { plainGit } from './landing-repository.mjs';
import { removeFolder } from './machine.mjs';
import { product } from './product.mjs';

/** A landing runs the suite at the head, and again at what lands. */
const RUNS = 2;

/** What a person would do by hand, in a clone of the same repository. */
export class LandingFloor {
  #work;
  #runs;
  #made = 0;

  constructor(dir, repo) {
    this.#work = join(dir, 'by-hand');
    this.#runs = join(dir, 'by-hand-runs');
    mkdirSync(this.#runs);
    plainGit(dir, 'clone', '--quiet', '--no-checkout', repo, this.#work);
  }

  /** As the service spreads its own: what is removed here makes no checkout slower, neither here nor beside it. */
  spread() {
    const { spreadFolders } = product('infrastructure/git/run-clone/spread.js');
    return spreadFolders(this.#runs);
  }

  /** @returns milliseconds of one checkout of a branch by `git clone --shared`. */
  measureCheckout(branch) {
    const git = (...args) => plainGit(this.#work, ...args);
    git('fetch', '--quiet', 'origin');
    git('checkout', '--quiet', '-B', 'mine', `origin/${branch}`);
    return this.#checkout(git);
  }

  /** @returns milliseconds of `git rebase`, and of the checkouts by `git clone --shared` where those are part of it. */
  measure(branch, { hasCheckouts }) {
    const git = (...args) => plainGit(this.#work, ...args);
    git('fetch', '--quiet', 'origin');
    git('checkout', '--quiet', '-B', 'mine', `origin/${branch}`);
    const rebaseMs = timed(() => git('rebase', '--quiet', 'origin/main'));
    let checkoutsMs = 0;
    for (let run = 0; hasCheckouts && run < RUNS; run += 1) checkoutsMs += this.#checkout(git);
    return { rebaseMs, checkoutsMs };
  }

  #checkout(git) {
    const run = join(this.#runs, String((this.#made += 1)));
    const ms = timed(() => git('clone', '--quiet', '--shared', this.#work, run));
    removeFolder(run);
    return ms;
  }
}

function timed(work) {
  const startedAt = performance.now();
  work();
  return performance.now() - startedAt;
}
