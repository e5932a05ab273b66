/** Tools that rules know. A tool is known by the operator's command, or by lines that only it prints. */
export const TOOLS = [
  'pytest',
  'jest',
  'vitest',
  'mocha',
  'go',
  'cargo',
  'maven',
  'gradle',
  'dotnet',
  'npm',
  'npx',
  'pnpm',
  'yarn',
  'pip',
  'make',
  'docker',
] as const;
export type ToolName = (typeof TOOLS)[number];

interface Tool {
  /** The words with which a command begins that runs it. */
  readonly runs: RegExp;
  /** A line that it prints about itself, at the beginning of a line; null: nothing tells. */
  readonly shows: RegExp | null;
}

const TOOL_TABLE: Readonly<Record<ToolName, Tool>> = {
  pytest: {
    runs: /^(?:py\.?test|python[\d.]* -m pytest)(?: |$)/,
    shows:
      /^(?:=+ test session starts =+|no tests ran in \d[\d.]{0,9}s(?: \(|$)|ERROR: usage: .*pytest|INTERNALERROR> )/,
  },
  jest: {
    runs: /^(?:jest|react-scripts test)(?: |$)/,
    shows: /^(?:Test Suites: |Ran all test suites|No tests found, exiting)/,
  },
  vitest: { runs: /^vitest(?: |$)/, shows: /^\s*(?:RUN {2}v\d|No test files found, exiting)/ },
  mocha: { runs: /^_?mocha(?: |$)/, shows: /^ {2}\d{1,6} (?:passing|failing)/ },
  go: { runs: /^go test(?: |$)/, shows: /^(?:ok {2}\t|FAIL\t|--- FAIL: |\? {3}\t)/ },
  cargo: { runs: /^cargo(?: |$)/, shows: /^(?:\s+Compiling \S+ v\d|\s+Updating crates\.io index|test result: )/ },
  maven: { runs: /^(?:mvn|mvnw|\.\/mvnw)(?: |$)/, shows: /^\[INFO\] Scanning for projects/ },
  gradle: { runs: /^(?:gradle|\.\/gradlew|gradlew)(?: |$)/, shows: /^FAILURE: Build failed with an exception\./ },
  dotnet: { runs: /^dotnet(?: |$)/, shows: /^(?:\s*Determining projects to restore|Build FAILED\.)/ },
  npm: { runs: /^npm (?:t|test|tst|run|run-script|start|ci|i|install)(?: |$)/, shows: /^npm (?:ERR!|error) / },
  npx: { runs: /^(?:npx|npm (?:exec|x))(?: |$)/, shows: null },
  pnpm: { runs: /^pnpm(?: |$)/, shows: /^(?:Error: |.{0,3})ERR_PNPM_/ },
  yarn: { runs: /^yarn(?: |$)/, shows: /^(?:yarn (?:run|install) v\d|➤ YN0000)/ },
  pip: { runs: /^(?:pip[\d.]*|python[\d.]* -m pip)(?: |$)/, shows: null },
  docker: { runs: /^docker (?:container )?run(?: |$)/, shows: null },
  make: { runs: /^g?make(?: |$)/, shows: /^g?make(?:\[\d+\])?: / },
};

/** Whatever stands before a program and leaves its exit code as it is. */
const WRAPPERS =
  /^(?:[A-Za-z_][A-Za-z0-9_]*=\S*|env|exec|time|nice|npx(?: --no-install| --yes| -y)*|pnpm exec|yarn(?: run)?|bunx|uv run|poetry run|pipenv run|hatch run|xvfb-run(?: -a)?)\s+/;
const MOST_WRAPPERS = 5;

/**
 * The command whose exit code is that of the whole: the last one of a list, without its wrappers. Null where a pipe, a
 * background process or an alternative makes the exit code another one's.
 */
export function lastCommand(command: string): string | null {
  const last =
    command
      .split(/&&|;|\n/)
      .at(-1)
      ?.trim() ?? '';
  if (/[|&]/.test(last)) return null;
  let rest = last;
  for (let count = 0; count < MOST_WRAPPERS && WRAPPERS.test(rest); count += 1) {
    const without = rest.replace(WRAPPERS, '');
    // `npx jest` is jest, and `yarn test` is yarn: a wrapper that is a tool itself stays one unless it runs another.
    if (isKnown(rest) && !isKnown(without)) break;
    rest = without;
  }
  return rest.replace(/^(?:\S*\/)?node_modules\/\.bin\//, '').replace(/^\/(?:\S*\/)?/, '');
}

/** True when the exit code of the command is the tool's own. */
export function ownsExitCode(command: string | null, tool: ToolName): boolean {
  const last = command === null ? null : lastCommand(command);
  return last !== null && isOfTool(last, tool);
}

export function showsItself(lines: readonly string[], tool: ToolName): boolean {
  const { shows } = TOOL_TABLE[tool];
  return shows !== null && lines.some((line) => shows.test(line));
}

function isKnown(command: string): boolean {
  return TOOLS.some((tool) => isOfTool(command, tool));
}

function isOfTool(command: string, tool: ToolName): boolean {
  return TOOL_TABLE[tool].runs.test(command);
}
