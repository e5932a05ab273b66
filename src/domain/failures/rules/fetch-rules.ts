import type { FailureRule } from '../failure-rule';
import type { ToolName } from '../tools';
import { NETWORK, SERVER_ERROR, TESTS_RAN } from './line-patterns';

const LAST_WORDS = 30;
const INSTALLS =
  /\b(?:npm (?:ci|i|install)|pnpm (?:i|install)|yarn(?: install)?(?: |&|;|$)|pip[\d.]* install|python[\d.]* -m pip install)\b/;

const inSuite = (
  id: string,
  says: RegExp,
  { owner, command, exitCodes }: { owner?: readonly ToolName[]; command?: RegExp; exitCodes: readonly number[] },
  why: string,
  source: string,
): FailureRule => ({
  id,
  version: 1,
  class: 'dependency-down',
  reason: 'dependency_down',
  retryable: true,
  when: {
    steps: ['suite'],
    reasons: [null],
    exitCodes,
    ...(owner ? { owner } : {}),
    ...(command ? { command } : {}),
    says,
    saysToo: NETWORK_OR_SERVER,
    within: LAST_WORDS,
    silent: TESTS_RAN,
  },
  why,
  source,
});

const NETWORK_OR_SERVER = new RegExp(`${NETWORK.source}|${SERVER_ERROR.source}`);

/**
 * Suites whose own command fetches what it needs. A word like ECONNREFUSED alone proves nothing: the tool has to be the
 * operator's, give up in its documented words at the very end, and nothing may stand there that tests print.
 */
export const FETCH_RULES: readonly FailureRule[] = [
  inSuite(
    'install-in-suite',
    /^(?:npm (?:ERR!|error) (?:code (?:E(?:NOTFOUND|AI_AGAIN|CONNREFUSED|CONNRESET|TIMEDOUT|NOTCACHED|429|50[0234])|ERR_SOCKET_TIMEOUT)|network )|(?:Error: |.{0,3})ERR_PNPM_(?:(?:META_)?FETCH_|[A-Z_]{1,60}NETWORK_ERROR)|error An unexpected error occurred: "https?:|ERROR: (?:Could not find a version|No matching distribution|HTTP error 5))/,
    { command: INSTALLS, exitCodes: [1] },
    'the installing part of the suite gave up because of the network; put it into `setup`, where that is plain',
    'https://docs.npmjs.com/common-errors',
  ),
  inSuite(
    'npx-fetch',
    /^npm (?:ERR!|error) (?:code (?:E(?:NOTFOUND|AI_AGAIN|CONNREFUSED|CONNRESET|TIMEDOUT|NOTCACHED|429|50[0234])|ERR_SOCKET_TIMEOUT)|network )/,
    { owner: ['npx'], exitCodes: [1] },
    'npx could not fetch the program, so nothing ran',
    'https://docs.npmjs.com/cli/commands/npx',
  ),
  inSuite(
    'maven-fetch',
    /^\[ERROR\] (?:.{0,300}Could not (?:resolve dependencies|transfer artifact)|Non-resolvable parent POM|Plugin \S{1,200} or one of its dependencies could not be resolved)/,
    { owner: ['maven'], exitCodes: [1] },
    'Maven could not fetch what the build needs, so nothing was compiled or tested',
    'https://maven.apache.org/guides/introduction/introduction-to-repositories.html',
  ),
  inSuite(
    'gradle-fetch',
    /^> (?:Could not (?:resolve|download|GET|HEAD|get resource)|.{0,100}Could not (?:resolve all|GET))/,
    { owner: ['gradle'], exitCodes: [1] },
    'Gradle could not fetch what the build needs, so nothing was compiled or tested',
    'https://docs.gradle.org/current/userguide/dependency_resolution.html',
  ),
  inSuite(
    'cargo-fetch',
    /^(?:error: (?:failed to (?:get|download|fetch|load source|query)|download of )|\s{0,4}(?:failed to (?:fetch|download|query)|download of )|warning: spurious network error)/,
    { owner: ['cargo'], exitCodes: [101] },
    'cargo could not fetch what the build needs, so nothing was compiled or tested',
    'https://doc.rust-lang.org/cargo/reference/config.html#netretry',
  ),
  inSuite(
    'go-fetch',
    /^(?:go: |\S{1,200}: |\t?\S{1,100}:\d{1,6}:\d{1,4}: ).{0,300}(?:dial tcp|lookup |Get "https?:|unrecognized import path|reading https?:)/,
    { owner: ['go'], exitCodes: [1] },
    'go could not fetch a module, so nothing was compiled or tested',
    'https://go.dev/ref/mod#module-proxy',
  ),
  inSuite(
    'dotnet-fetch',
    /\berror NU13(?:01|00): /,
    { owner: ['dotnet'], exitCodes: [1] },
    'NuGet could not load its service index, so nothing was built or tested',
    'https://learn.microsoft.com/nuget/reference/errors-and-warnings/nu1301',
  ),
];
