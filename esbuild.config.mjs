import { spawnSync } from 'node:child_process';
import { chmodSync, existsSync, readFileSync, writeFileSync } from 'node:fs';
import { build } from 'esbuild';

const FOR_NODE = { bundle: true, platform: 'node', target: 'node20', logLevel: 'warning' };
const PROGRAM = 'dist/program.js';
const CODE = 'dist/program.code';

/**
 * Puts the program into one file, because finding and reading 800 modules took more than half of the time of `stagegate queue`
 * (docs/adr/0040-one-file.md). The modules stay beside it: what is measured or tested alone loads those.
 */
await build({
  ...FOR_NODE,
  entryPoints: ['dist/cli/main.js'],
  outfile: PROGRAM,
  // Whoever reads a stack finds the names and, above each module, its path.
  minify: false,
  // Loaded by the verbs alone that need them; they find files of their own, or offer what is not installed.
  external: [
    '@eventstore/*',
    '@grpc/*',
    '@modelcontextprotocol/*',
    '@nestjs/*',
    'class-*',
    'express',
    'libsql',
    'nodemailer',
    'pg-native',
    'reflect-metadata',
    'rxjs',
  ],
});
writeFileSync(PROGRAM, readFileSync(PROGRAM, 'utf8').replace(/[^\0-\x7F]/g, escaped));
await build({
  ...FOR_NODE,
  entryPoints: ['dist/cli/start/launch.js'],
  outfile: 'dist/cli.js',
  banner: { js: '#!/usr/bin/env node' },
});
chmodSync('dist/cli.js', 0o755);

/** Compiling that file took a third of the time until `land` began its work (docs/adr/0051-code-from-the-build.md). */
const { stderr } = spawnSync(process.execPath, ['dist/cli/start/keep-code.js'], { encoding: 'utf8' });
if (!existsSync(CODE)) throw new Error(`expected ${CODE} of the program that was built, saw none: ${stderr}`);

/** A dozen of characters in comments and in one expression would make V8 keep twice as many bytes. */
function escaped(unit) {
  return `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`;
}
