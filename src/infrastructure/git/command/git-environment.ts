import { processEnvironment, programPath } from '../../config/environment';

/** Nothing a repository or a user configures may run or change what we run. */
export const SAFE = [
  'core.hooksPath=/dev/null',
  'core.fsmonitor=false',
  // A fetch into a repository with alternates runs this through a shell.
  'core.alternateRefsCommand=true',
  'core.pager=cat',
  'core.editor=:',
  'sequence.editor=:',
  'commit.gpgsign=false',
  'gc.auto=0',
  'maintenance.auto=false',
  'submodule.recurse=false',
  'protocol.ext.allow=never',
  // Landed commits and refs have to survive a power cut, as the event that tells of them does.
  'core.fsync=all',
  'core.logAllRefUpdates=always',
].flatMap((setting) => ['-c', setting]);

/**
 * Everything git gets to know, made from nothing.
 *
 * @param settings by name, for the repository that the command runs in only: what git starts in another one reads
 *   `globalConfig`. Other than on a command line, a name may hold an equals sign.
 */
export function gitEnvironment(
  globalConfig: string,
  settings: Readonly<Record<string, string>>,
): Readonly<Record<string, string>> {
  return {
    PATH: programPath(),
    LC_ALL: 'C',
    HOME: '/nonexistent',
    GIT_CONFIG_NOSYSTEM: '1',
    GIT_CONFIG_GLOBAL: globalConfig,
    ...settingVariables(settings),
    GIT_ATTR_NOSYSTEM: '1',
    GIT_TERMINAL_PROMPT: '0',
    GIT_ASKPASS: '/bin/true',
    SSH_ASKPASS: '/bin/true',
    GIT_PAGER: 'cat',
    GIT_EDITOR: ':',
    GIT_OPTIONAL_LOCKS: '0',
    // Neither may say that a commit has other parents than it has.
    GIT_NO_REPLACE_OBJECTS: '1',
    GIT_GRAFT_FILE: '/nonexistent',
    // A missing object of a partial clone would be fetched by whatever command its configuration names.
    GIT_NO_LAZY_FETCH: '1',
    GIT_ALLOW_PROTOCOL: 'file',
    GIT_AUTHOR_NAME: 'stagegate',
    GIT_AUTHOR_EMAIL: 'stagegate@localhost',
    GIT_COMMITTER_NAME: 'stagegate',
    GIT_COMMITTER_EMAIL: 'stagegate@localhost',
  };
}

/** What decides, beside the repository itself, what git writes into a work tree: whose configuration, and what its filters need. */
const OF_THE_USER = [
  'HOME XDG_CONFIG_HOME USER LOGNAME TMPDIR GIT_CONFIG_GLOBAL GIT_CONFIG_SYSTEM GIT_CONFIG_NOSYSTEM GIT_ATTR_NOSYSTEM',
  // Git LFS may have to fetch what it is to write.
  'SSH_AUTH_SOCK http_proxy https_proxy HTTPS_PROXY no_proxy NO_PROXY',
].flatMap((names) => names.split(' '));

/**
 * For the one command that writes files of a user: line ends and filters are those of that user's configuration, as in a
 * fast-forward by hand. Hooks stay off: they may be files that the branch brings.
 */
export function workTreeEnvironment(
  globalConfig: string,
  settings: Readonly<Record<string, string>>,
): Readonly<Record<string, string>> {
  const isolated = gitEnvironment(globalConfig, settings);
  const own = processEnvironment();
  const entries = Object.entries(isolated).filter(
    ([name]) => !OF_THE_USER.includes(name) && !name.endsWith('_PROTOCOL'),
  );
  const users = OF_THE_USER.flatMap((name) => (own[name] === undefined ? [] : [[name, own[name]] as const]));
  return Object.fromEntries([...entries, ...users]);
}

function settingVariables(settings: Readonly<Record<string, string>>): Record<string, string> {
  const entries = Object.entries(settings).flatMap(([name, value], index) => [
    [`GIT_CONFIG_KEY_${index}`, name],
    [`GIT_CONFIG_VALUE_${index}`, value],
  ]);
  return { GIT_CONFIG_COUNT: String(entries.length / 2), ...(Object.fromEntries(entries) as Record<string, string>) };
}
