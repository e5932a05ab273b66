// Lets a child process load TypeScript sources as they are: `node --require <this file> <file>.ts`. What the first child
// has transpiled the others take from the folder that STAGEGATE_TEST_TRANSPILED names: loading the compiler takes longest.
const { readFileSync, renameSync, writeFileSync } = require('node:fs');
const { join } = require('node:path');

require.extensions['.ts'] = (module, fileName) => {
  const kept = join(process.env.STAGEGATE_TEST_TRANSPILED, fileName.replaceAll('/', '+'));
  module._compile(read(kept) ?? keep(kept, transpile(fileName)), fileName);
};

function read(kept) {
  try {
    return readFileSync(kept, 'utf8');
  } catch {
    return null; // Not transpiled yet.
  }
}

function keep(kept, text) {
  writeFileSync(`${kept}.${process.pid}`, text);
  renameSync(`${kept}.${process.pid}`, kept);
  return text;
}

function transpile(fileName) {
  const ts = require('typescript');
  const compilerOptions = {
    target: ts.ScriptTarget.ES2022,
    module: ts.ModuleKind.CommonJS,
    experimentalDecorators: true,
    emitDecoratorMetadata: true,
    esModuleInterop: true,
  };
  return ts.transpileModule(readFileSync(fileName, 'utf8'), { fileName, compilerOptions }).outputText;
}
