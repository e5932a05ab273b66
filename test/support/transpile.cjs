// One way to make JavaScript of TypeScript for all tests. Types are checked by `npm run typecheck`, not here.
const { readFileSync } = require('node:fs');
const { version } = require('typescript/package.json');

/** Whatever keeps an output keeps it under this too: another compiler or other options give another output. */
const made = `${version}\0${readFileSync(__filename, 'utf8')}`;

function transpile(source, fileName) {
  // Loaded for the first time when needed: what has been kept needs no compiler, and every process that a Jest worker
  // starts costs the more, the more memory the worker has.
  const ts = require('typescript');
  const compilerOptions = {
    target: ts.ScriptTarget.ES2022,
    module: ts.ModuleKind.CommonJS,
    experimentalDecorators: true,
    emitDecoratorMetadata: true,
    esModuleInterop: true,
    allowJs: true,
    inlineSourceMap: true,
    inlineSources: true,
  };
  return ts.transpileModule(source, { fileName, compilerOptions }).outputText;
}

module.exports = { made, transpile };
