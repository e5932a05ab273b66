import { join } from 'node:path';
import { SampleRepository } from '../support/sample-repository';
import { isAgents, type OddFate } from './odd-fates';

const PROGRAM = join(__dirname, 'odd-program.cjs');
/** Names of all files that conflict together are more than a mebibyte. */
const WIDE_FILES = 5_000;
const WIDE_NAME = 'a-name-of-a-file-that-takes-much-room-in-a-list-of-conflicts-'.repeat(4);

/** Two projects whose branches are all at odds with something. */
export class OddProjects {
  private readonly odd: SampleRepository;
  /** Apart, so that not every checkout has thousands of files. */
  private readonly wide: SampleRepository;
  private moves = 0;

  constructor(folder: string) {
    this.odd = new SampleRepository({ in: folder, name: 'odd.git' });
    this.wide = new SampleRepository({ in: folder, name: 'wide.git' });
    this.wide.push('fork', wideFiles('fork'), 'main');
    this.wide.push('main', wideFiles('main'));
  }

  /** As they stand in the project file. */
  get settings(): Readonly<Record<string, unknown>> {
    const command = [process.execPath, PROGRAM];
    const common = {
      entryStages: ['analysis', 'deploy-staging'],
      budgets: { agent: 1, infra: 1 },
      backoff: { base: '100ms', max: '1s' },
    };
    const odd = {
      ...common,
      repo: this.odd.dir,
      staging: { suite: command, timeout: '30s', grace: '1s', env: ['HOME', 'PATH'] },
      agents: { analyst: { command, timeout: '20s', grace: '1s' } },
    };
    return { odd, wide: { ...common, repo: this.wide.dir, staging: { suite: 'true', timeout: '60s' } } };
  }

  /** Makes the branch. @returns what a submission has to say. */
  push(key: string, fate: OddFate): { project: string; branch: string; startStage: string } {
    const branch = `odd/${key}`;
    if (fate === 'wide-conflict') {
      this.wide.push(branch, wideFiles(key), 'fork');
      return { project: 'wide', branch, startStage: 'deploy-staging' };
    }
    this.odd.push(branch, { [`odd/${key}`]: `${fate}\n` }, 'main');
    // Whatever is green now has to be tested again on another main.
    if (fate === 'retest-bytes') this.odd.push('main', { 'moves.txt': `${(this.moves += 1)}\n` });
    return { project: 'odd', branch, startStage: isAgents(fate) ? 'analysis' : 'deploy-staging' };
  }
}

function wideFiles(text: string): Readonly<Record<string, string>> {
  return Object.fromEntries(Array.from({ length: WIDE_FILES }, (_, n) => [`wide/${WIDE_NAME}${n}`, `${text}\n`]));
}
