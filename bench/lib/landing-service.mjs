import { BENCH } from './principal.mjs';
import { product } from './product.mjs';
import { atRest, projectsOf, startService } from './service.mjs';

/** A service at work on one repository whose suite is `true`, told to land one branch after the other. */
export class LandingService {
  #service = null;
  #upkeep = null;
  #current = null;
  #commandsMs = 0;

  /** @param {object} settings of the project, beside what it needs to land anything */
  static async start(dir, repo, settings = {}) {
    const made = new LandingService();
    const { LocalGitWorkspace } = product('infrastructure/git/local-git-workspace.js');
    const { createProcessRunner } = product('infrastructure/processes/create-process-runner.js');
    const { ProcWorkerHost } = product('infrastructure/processes/proc/proc-worker-host.js');
    const worker = new ProcWorkerHost().self;
    const runner = createProcessRunner({ stateDir: dir, worker, treeKill: true });
    made.#service = await startService({
      dir,
      files: true,
      slots: 1,
      ports: { git: new LocalGitWorkspace({ stateDir: dir, worker }), runner: made.#noting(runner) },
      projects: projectsOf([
        { project: 'web', repo, entryStages: ['deploy-staging'], staging: { suite: 'true' }, ...settings },
      ]),
      hooks: {
        observe: (task, step) => made.#observe(task, step),
        onAppended: () => undefined,
        around: (_context, run) => run(),
      },
    });
    const { Upkeep } = product('application/upkeep.js');
    made.#upkeep = new Upkeep(made.#service);
    return made;
  }

  /** @returns milliseconds from the submission to the end of the task, without what its commands took by themselves. */
  async land(branch) {
    this.#commandsMs = 0;
    const ended = new Promise((resolve) => (this.#current = { id: `web.${branch}`, resolve }));
    const startedAt = performance.now();
    await this.#service.operations.submit({ project: 'web', id: branch, branch, startStage: 'deploy-staging' }, BENCH);
    const { stage, text } = await ended;
    const totalMs = performance.now() - startedAt;
    if (stage !== 'done') throw new Error(`${branch}: expected it to land, saw ${stage}: ${text}`);
    await atRest(this.#service);
    return totalMs - this.#commandsMs;
  }

  async stop() {
    await this.#upkeep.settled();
    await this.#service.stop();
  }

  #observe({ id, stage, project }, { kind, why }) {
    if (kind === 'finished') this.#upkeep.taskEnded(this.#service.projects.get(project));
    const isAtRest = kind === 'await' || kind === 'finished';
    if (isAtRest && id === this.#current?.id) this.#current.resolve({ stage, text: why.text });
  }

  #noting(runner) {
    return {
      recover: (isOwnerDead) => runner.recover(isOwnerDead),
      run: async (spec) => {
        const result = await runner.run(spec);
        this.#commandsMs += result.durationMs;
        return result;
      },
    };
  }
}
