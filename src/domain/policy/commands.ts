import type { CommandLine, ProjectPolicy, SuitePolicy } from './project-policy';

/** A command of a project's operator. Whoever looks at commands, their programs or their variables, asks here for all of them. */
export interface NamedCommand {
  /** As the project file calls it, within the project's block. */
  readonly key: string;
  readonly command: CommandLine;
  /** Names of variables of the service's environment that it sees; null: those of agents. */
  readonly env: readonly string[] | null;
}

/** What runs as a suite does, by the name of its block. */
export function suitesOf(policy: ProjectPolicy): readonly (readonly [block: string, suite: SuitePolicy])[] {
  const { staging, retest, testing, security, coverage, image } = policy;
  return [
    ['staging', staging],
    ['retest', retest],
    ...(testing ? [['testing', testing] as const] : []),
    ...(security ? [['security', security.run] as const] : []),
    ...(coverage ? [['coverage', coverage.run] as const] : []),
    ...(image?.run ? [['image', image.run] as const] : []),
  ];
}

/** Blocks whose command is no suite. */
const REPORTING: readonly string[] = ['security', 'coverage', 'image'];

/** Every command; of `retest` those that are not staging's. */
export function commandsOf(policy: ProjectPolicy): readonly NamedCommand[] {
  const { staging, deploy, monitor, agents } = policy;
  const ofSuites = suitesOf(policy).flatMap(([block, { setup, suite, env }]) => {
    const command = REPORTING.includes(block) ? 'command' : 'suite';
    const all = [
      ...(setup === null ? [] : [{ key: `${block}.setup`, command: setup, env }]),
      { key: `${block}.${command}`, command: suite, env },
    ];
    const isNew = (line: CommandLine) => line !== staging.setup && line !== staging.suite;
    return block === 'retest' ? all.filter((each) => isNew(each.command)) : all;
  });
  return [
    ...ofSuites,
    ...(deploy ? [{ key: 'deploy.command', command: deploy.command, env: deploy.env }] : []),
    ...(monitor?.check.kind === 'command'
      ? [{ key: 'monitor.command', command: monitor.check.command, env: monitor.check.env }]
      : []),
    ...Object.entries(agents).map(([role, { command }]) => ({ key: `agents.${role}.command`, command, env: null })),
  ];
}
