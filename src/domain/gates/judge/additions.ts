/**
 * Whether a change of a test only adds tests. Nobody has to run main's version then: all of it is still there. What could change the
 * tests that were there before is no addition, however it looks; the price of a doubt is a second run.
 */

/** In a new file: ends the process of all tests, leaves the others out, or changes what they share. */
const REACHES_OTHERS = new RegExp(
  [
    // Leaves out the others.
    String.raw`\.only\b|\[\s*['"\x60]only|\b(?:fit|fdescribe|xdescribe)\s*\(|\bfilter_run`,
    // Ends the process, or says how it ended.
    String.raw`\b_?exit\w*\s*\(|\bexit!(?!=)|\bat_exit\b|\babort\s*\(|\bhalt\s*\(|\bos\.kill\b|\bprocess\s*\[|=\s*process\s*[;,\n]`,
    String.raw`\bprocess\s*\.\s*(?:kill|on|once|chdir|exitCode|reallyExit)\b|['"](?:node:)?process['"]`,
    // Changes what all of them share: objects, files, what runs before each of them.
    String.raw`\bglobalThis\b|\bglobal\.|\bprototype\b|\brequire\.cache\b|\bsys\.modules\b|\bbuiltins\b|\bTestMain\b|\b__attribute__|\bfunc init\(`,
    String.raw`\b(?:assert|expect|TestCase|chai|should|unittest|pytest)(?:\.\w+)+\s*=(?![=>])|\bpytest_\w+`,
    String.raw`\b(?:writeFile|appendFile|rename|unlink|rm)(?:Sync)?\s*\(\s*(?:__dirname|__filename|import\.meta|['"\x60](?!\/))`,
    String.raw`\bRSpec\.configure\b|\bstatic\s*\{|^class (?:Minitest|RSpec|Test::Unit)::`,
  ].join('|'),
  'm',
);

/** In an existing file beside that: reaches tests of the same file. */
const REACHES_NEIGHBOURS =
  /\b(?:mock\w*|stub\w*|spy\w*|skip\w*|todo|retry|retries|retryTimes|flaky|setTimeout|timeout|setSystemTime|useFakeTimers|before\w*|after\w*|setup\w*|teardown\w*|monkeypatch|process|Date|require|import|exports?|eval|var)\b|\/\*|\*\/|<!--|`/i;

/** Opens a test at the outermost level of a block. */
const OPENERS: readonly { readonly ending: RegExp; readonly opens: RegExp; readonly closes: RegExp }[] = [
  {
    ending: /\.[cm]?[jt]sx?$/,
    opens: /^\s*(?:await\s+)?(?:test|it|describe|suite)(?:\.each\([^`]*\))?\s*\(\s*['"]/,
    closes: /^\s*\}?\s*\)\s*;?\s*$/,
  },
  { ending: /_test\.go$/, opens: /^func (?:Test|Benchmark|Example|Fuzz)\w*\(/, closes: /^\}\s*$/ },
];

/** Of a new test file. */
export function isNewTestOnly(text: string): boolean {
  return !REACHES_OTHERS.test(text);
}

/** Of an existing one: whole tests were put in, in one place, and nothing else was touched. */
export function isTestsOnly(path: string, before: string, after: string): boolean {
  const language = OPENERS.find(({ ending }) => ending.test(path));
  if (!language) return false;
  return blocksPutIn(before.split('\n'), after.split('\n')).some((block) => isWholeTests(block, language));
}

/**
 * The lines that one insertion has put in. Where the lines around it are alike, it may have begun at several places; git would choose
 * one of them. None where anything else was changed.
 */
function blocksPutIn(before: readonly string[], after: readonly string[]): readonly (readonly string[])[] {
  const count = after.length - before.length;
  if (count <= 0) return [];
  let start = 0;
  while (start < before.length && before[start] === after[start]) start += 1;
  let same = 0;
  while (same < before.length && before.at(-1 - same) === after.at(-1 - same)) same += 1;
  if (start + same < before.length) return [];
  const first = before.length - same;
  return Array.from({ length: start - first + 1 }, (_, at) => after.slice(first + at, first + at + count));
}

type Language = (typeof OPENERS)[number];

function isWholeTests(block: readonly string[], { opens, closes }: Language): boolean {
  const text = block.join('\n');
  if (REACHES_OTHERS.test(text) || REACHES_NEIGHBOURS.test(text)) return false;
  let depth = 0;
  let count = 0;
  for (const line of block) {
    const isOutside = depth === 0;
    if (isOutside && line.trim() !== '' && !opens.test(line)) return false;
    if (isOutside && line.trim() !== '') count += 1;
    depth += depthOf(line);
    if (depth < 0) return false;
    // What stands behind a test on its last line is none of it.
    if (depth === 0 && !isOutside && !closes.test(line)) return false;
    if (depth === 0 && isOutside && line.trim() !== '' && !/\)\s*;?\s*$|\}\s*$/.test(line)) return false;
  }
  return depth === 0 && count > 0;
}

/** Brackets that a line opens, less those that it closes; texts in quotes and comments to the end of the line are left out. */
function depthOf(line: string): number {
  const plain = line
    .replace(/\\./g, '')
    .replace(/'[^']*'|"[^"]*"/g, '')
    .replace(/\/\/.*$/, '');
  let depth = 0;
  for (const sign of plain) depth += '([{'.includes(sign) ? 1 : ')]}'.includes(sign) ? -1 : 0;
  return depth;
}
