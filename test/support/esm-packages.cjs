/** Packages that ship ESM only and are loaded by code under test: Jest 29 must transpile them. */
module.exports = [
  'execa',
  '@sindresorhus',
  '@sec-ant',
  'get-stream',
  'human-signals',
  'npm-run-path',
  'path-key',
  'parse-ms',
  'pretty-ms',
  'strip-final-newline',
  'is-plain-obj',
  'is-stream',
  'is-unicode-supported',
  'figures',
  'unicorn-magic',
  'yoctocolors',
];
