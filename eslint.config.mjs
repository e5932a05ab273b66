import tseslint from 'typescript-eslint';

/** Nest's in-memory reactions die silently after one throw, and the rest hide wiring (docs/adr/0002). */
const bannedNest = {
  name: '@nestjs/cqrs',
  importNames: ['EventBus', 'EventPublisher', 'Saga', 'EventsHandler', 'AggregateRoot', 'IEvent', 'IEventHandler'],
  message: 'Reactions read the event store through a subscription; see docs/adr/0002.',
};
const bannedEverywhere = [
  bannedNest,
  { name: '@nestjs/common', importNames: ['forwardRef', 'Global'], message: 'Ports are wired explicitly.' },
  { name: 'gray-matter', message: 'Runs code from front matter; domain/staging has the strict reader.' },
];
/** Hidden inputs: in the pure layers they arrive through commands and ports, so that the simulation can drive them. */
const hiddenInputs = [
  'Date',
  'process',
  'crypto',
  'console',
  'setTimeout',
  'setInterval',
  'setImmediate',
  'performance',
  'fetch',
  'Buffer',
  'require',
].map((name) => ({ name, message: 'A hidden input: take it through the command (domain) or a port (application).' }));

/** What is printed can steer a terminal, and whoever reads may go away: one place minds both. */
const standardStreams = ['stdout', 'stderr'].map((property) => ({
  object: 'process',
  property,
  message: 'Print by cli/output.ts, log by the Log port: they write through infrastructure/terminal.',
}));

/** Within `AbortSignal.any` nobody holds it: it is collected as garbage, and its time is never up. */
const timeoutSignals = {
  object: 'AbortSignal',
  property: 'timeout',
  message: 'Let a timer abort a controller, and clear the timer behind it.',
};

export default tseslint.config(
  { ignores: ['dist/', 'coverage/', 'node_modules/'] },
  ...tseslint.configs.strictTypeChecked.map((config) => ({ ...config, files: ['**/*.ts'] })),
  {
    files: ['**/*.ts'],
    languageOptions: { parserOptions: { projectService: true, tsconfigRootDir: import.meta.dirname } },
    rules: {
      '@typescript-eslint/no-floating-promises': 'error',
      '@typescript-eslint/no-misused-promises': 'error',
      '@typescript-eslint/switch-exhaustiveness-check': [
        'error',
        { considerDefaultExhaustiveForUnions: true, requireDefaultForNonUnion: true },
      ],
      '@typescript-eslint/consistent-type-definitions': 'off',
      '@typescript-eslint/restrict-template-expressions': ['error', { allowNumber: true, allowBoolean: true }],
      '@typescript-eslint/no-extraneous-class': 'off',
      // `async` without `await` turns a throw into a rejection, which is what callers of a port expect.
      '@typescript-eslint/require-await': 'off',
      '@typescript-eslint/no-non-null-assertion': 'error',
      'no-restricted-imports': ['error', { paths: bannedEverywhere }],
      eqeqeq: 'error',
      'no-console': 'error',
    },
  },
  {
    files: ['src/domain/**/*.ts', 'src/application/**/*.ts'],
    rules: {
      'no-restricted-globals': ['error', ...hiddenInputs],
      'no-restricted-properties': [
        'error',
        { object: 'Math', property: 'random', message: 'Randomness is a port.' },
        timeoutSignals,
      ],
    },
  },
  {
    files: ['src/**/*.ts'],
    ignores: [
      'src/domain/**',
      'src/application/**',
      'src/infrastructure/terminal/standard-stream.ts',
      'src/infrastructure/system/own-user.ts',
    ],
    rules: {
      'no-restricted-properties': ['error', ...standardStreams, timeoutSignals],
      'no-restricted-imports': [
        'error',
        {
          paths: [
            ...bannedEverywhere,
            { name: 'node:process', message: 'The global is what the rules look at.' },
            {
              name: 'node:os',
              importNames: ['userInfo', 'homedir'],
              message: 'They throw for a user without an account: system/own-user.ts asks.',
            },
            { name: 'process', message: 'The global is what the rules look at.' },
          ],
        },
      ],
    },
  },
  {
    // Styles are given by name, so that nothing else in a line can be one.
    files: ['src/**/*.ts'],
    ignores: ['src/cli/styled.ts'],
    rules: {
      'no-restricted-syntax': [
        'error',
        { selector: "ImportDeclaration[source.value='picocolors']", message: 'Styles are in cli/styled.ts.' },
      ],
    },
  },
  {
    // The one place that converts between ISO 8601 and milliseconds; both directions are pure.
    files: ['src/domain/instant.ts'],
    rules: { 'no-restricted-globals': 'off' },
  },
  {
    files: ['test/**/*.ts'],
    rules: { '@typescript-eslint/no-non-null-assertion': 'off' },
  },
);
