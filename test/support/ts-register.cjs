// Lets a child process of a test run TypeScript: `node -r ./test/support/ts-register.cjs file.ts`.
// Types are checked elsewhere; here a file is only transpiled.
const { readFileSync } = require('node:fs');
const { relative } = require('node:path');
const ts = require('typescript');

const compilerOptions = {
  target: ts.ScriptTarget.ES2022,
  module: ts.ModuleKind.CommonJS,
  experimentalDecorators: true,
  emitDecoratorMetadata: true,
  esModuleInterop: true,
  inlineSourceMap: true,
};

/** `STAGEGATE_TEST_MUTANT`: {"file","find","replace"}, a deliberate fault that a test suite has to notice. */
const mutant = process.env.STAGEGATE_TEST_MUTANT ? JSON.parse(process.env.STAGEGATE_TEST_MUTANT) : null;

function mutated(source, file) {
  if (!mutant || relative(process.cwd(), file) !== mutant.file) return source;
  const parts = source.split(mutant.find);
  if (parts.length !== 2)
    throw new Error(
      `mutant: expected ${JSON.stringify(mutant.find)} once in ${mutant.file}, saw it ${parts.length - 1} times`,
    );
  return parts.join(mutant.replace);
}

require.extensions['.ts'] = (module, file) => {
  const source = mutated(readFileSync(file, 'utf8'), file);
  module._compile(ts.transpileModule(source, { fileName: file, compilerOptions }).outputText, file);
};
