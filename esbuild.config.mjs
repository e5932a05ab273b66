import { chmodSync } from 'node:fs';
import { build } from 'esbuild';

/**
 * Puts the program into one file, because finding and reading 800 modules took more than half of the time of `stagegate queue`
 * (docs/adr/0040-one-file.md). The modules stay beside it: what is measured or tested alone loads those.
 */
await build({
  entryPoints: ['dist/cli/main.js'],
  outfile: 'dist/cli.js',
  bundle: true,
  platform: 'node',
  target: 'node20',
  banner: { js: '#!/usr/bin/env node' },
  // Whoever reads a stack finds the names and, above each module, its path.
  minify: false,
  // Loaded by the verbs alone that need them; they find files of their own, or offer what is not installed.
  external: [
    '@eventstore/*',
    '@grpc/*',
    '@nestjs/*',
    'class-*',
    'express',
    'libsql',
    'pg-native',
    'reflect-metadata',
    'rxjs',
  ],
  logLevel: 'warning',
});
chmodSync('dist/cli.js', 0o755);
