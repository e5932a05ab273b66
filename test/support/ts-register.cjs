// Lets a child process of a test run TypeScript: `node -r ./test/support/ts-register.cjs file.ts`.
const { readFileSync } = require('node:fs');
const { relative } = require('node:path');
const { transpile } = require('./transpile.cjs');

/** `STAGEGATE_SELFTEST_MUTANT`: {"file","find","replace"}, a deliberate fault that a test suite has to notice. */
const mutant = process.env.STAGEGATE_SELFTEST_MUTANT ? JSON.parse(process.env.STAGEGATE_SELFTEST_MUTANT) : null;

require.extensions['.ts'] = (module, file) => {
  module._compile(transpile(mutated(readFileSync(file, 'utf8'), file), file), file);
};

function mutated(source, file) {
  if (!mutant || relative(process.cwd(), file) !== mutant.file) return source;
  const parts = source.split(mutant.find);
  if (parts.length !== 2)
    throw new Error(
      `mutant: expected ${JSON.stringify(mutant.find)} once in ${mutant.file}, saw it ${parts.length - 1} times`,
    );
  return parts.join(mutant.replace);
}
