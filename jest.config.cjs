const { availableParallelism } = require('node:os');
const esmPackages = require('./test/support/esm-packages.cjs');

module.exports = {
  testEnvironment: 'node',
  globalSetup: '<rootDir>/test/support/build.cjs',
  globalTeardown: '<rootDir>/test/support/spread-temp.cjs',
  testSequencer: '<rootDir>/test/support/longest-first.cjs',
  roots: ['<rootDir>/test'],
  testMatch: ['**/*.spec.ts'],
  transform: { '\\.[cm]?[jt]s$': '<rootDir>/test/support/jest-typescript.cjs' },
  transformIgnorePatterns: [`/node_modules/(?!(${esmPackages.join('|')})/)`],
  moduleNameMapper: { '^unicorn-magic$': '<rootDir>/node_modules/unicorn-magic/node.js' },
  coverageProvider: 'v8',
  testTimeout: 30_000,
  // Half as many again as there are cores: most suites wait for processes much of their time. (Jest takes 150% for 150.)
  maxWorkers: Math.ceil(availableParallelism() * 1.5),
};
