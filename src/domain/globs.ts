/**
 * Whether a path is among those that a list of patterns names: `*` and `?` within a name, `**` for any number of folders, and a `!` in front
 * that takes out again what was named before. The last pattern that fits decides; a list of nothing but `!` begins with everything.
 */
export function matchesGlobs(path: string, patterns: readonly string[]): boolean {
  const names = path.split('/');
  const startsWithAll = patterns.every((pattern) => pattern.startsWith('!'));
  return patterns.reduce((isIn, pattern) => {
    const isOut = pattern.startsWith('!');
    const parts = (isOut ? pattern.slice(1) : pattern).replace(/^\.?\/+/, '').split('/');
    return fits(names, parts) ? !isOut : isIn;
  }, startsWithAll);
}

/** Row by row, as texts are compared: no pattern makes it slow. */
function fits(names: readonly string[], parts: readonly string[]): boolean {
  // Which beginnings of the path the parts so far fit; the empty one first.
  let reached: readonly boolean[] = [true, ...names.map(() => false)];
  for (const part of parts) {
    const before = reached;
    if (part === '**') {
      let isOpen = false;
      reached = before.map((isReached) => (isOpen ||= isReached));
    } else reached = [false, ...names.map((name, at) => before[at] === true && fitsName(name, part))];
  }
  return reached.at(-1) === true;
}

function fitsName(name: string, part: string): boolean {
  let [at, in_, star, mark] = [0, 0, -1, 0];
  while (at < name.length) {
    if (part[in_] === '*') [star, mark, in_] = [in_, at, in_ + 1];
    else if (in_ < part.length && (part[in_] === '?' || part[in_] === name[at])) [at, in_] = [at + 1, in_ + 1];
    // Back to the last star, which takes one character more.
    else if (star >= 0) [mark, at, in_] = [mark + 1, mark + 1, star + 1];
    else return false;
  }
  while (part[in_] === '*') in_ += 1;
  return in_ === part.length;
}
