import type { ProcessRunner } from '../application/ports/process-runner';
import { commandsOf } from '../domain/policy/commands';
import type { ProjectPolicy } from '../domain/policy/project-policy';
import { programPath } from '../infrastructure/config/environment';
import { pipeUse } from '../infrastructure/config/values/shell-pipes';
import { CryptoIds } from '../infrastructure/system/crypto-ids';

/** Texts for `sh -c` in which a failure can go unnoticed, and texts that this machine's `sh` does not understand. */
export async function pipeWarnings(texts: readonly ShellText[], runner: ProcessRunner): Promise<readonly string[]> {
  const knowsPipefail =
    texts.some(({ text }) => pipeUse(text) === 'asks-for-pipefail') && (await shellKnowsPipefail(runner));
  return texts.flatMap(({ key, text }) => {
    const instead = `write it as a list: [bash, -o, pipefail, -c, ${JSON.stringify(shortened(text))}]`;
    switch (pipeUse(text)) {
      case 'none':
        return [];
      case 'hides-failure': {
        const seen = `saw a pipe, of which sh reports the last command's exit code alone`;
        return [`${key}: expected an exit code that tells of every failure, ${seen}; ${instead}`];
      }
      case 'asks-for-pipefail':
        return knowsPipefail
          ? []
          : [`${key}: expected a sh that knows pipefail, saw one that ends with a code of its own; ${instead}`];
    }
  });
}

export interface ShellText {
  /** As the operator calls it. */
  readonly key: string;
  readonly text: string;
}

/** The commands of a project, as far as they are texts. */
export function textsOf(policy: ProjectPolicy): readonly ShellText[] {
  return commandsOf(policy).flatMap(({ key, command }) =>
    typeof command === 'string' ? [{ key: `projects.${policy.project}.${key}`, text: command }] : [],
  );
}

/** Asked as suites are run: which `sh` it is depends on the same PATH. */
async function shellKnowsPipefail(runner: ProcessRunner): Promise<boolean> {
  const id = new CryptoIds().uuid();
  const result = await runner.run({
    runId: id,
    cookie: id,
    command: 'sh',
    args: ['-c', 'set -o pipefail'],
    cwd: '/',
    env: { PATH: programPath() },
    timeoutMs: 10_000,
    graceMs: 100,
  });
  return result.kind === 'executed' && result.exitCode === 0;
}

/** A whole script in a warning is no line any more. */
function shortened(text: string): string {
  return text.length <= 100 ? text : `${text.slice(0, 99)}…`;
}
