// Transpiles TypeScript (and the ESM packages that jest.config.cjs lets through) one file at a time.
// Types are checked by `npm run typecheck`, not here, so that a suite starts in milliseconds.
const { createHash } = require('node:crypto');
const { readFileSync } = require('node:fs');
const { version } = require('typescript/package.json');

// Without the transformer's own source in the key Jest would serve output of an older transformer.
const ownSource = readFileSync(__filename);

module.exports = {
  process(source, file) {
    // Loaded for the first time when needed: what Jest has kept needs no compiler, and every process that a worker starts
    // costs the more, the more memory the worker has.
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
    return { code: ts.transpileModule(source, { fileName: file, compilerOptions }).outputText };
  },
  getCacheKey(source, file, options) {
    return createHash('sha256')
      .update(ownSource)
      .update(version)
      .update(source)
      .update(file)
      .update(options.configString)
      .update(String(options.instrument))
      .digest('hex');
  },
};
