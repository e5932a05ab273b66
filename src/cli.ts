#!/usr/bin/env node
import { runCli } from './cli/program';

// Whoever reads us may stop reading (`| head`); that is no error, unless a verb says otherwise by its exit code.
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code !== 'EPIPE') throw error;
  process.exit();
});

void runCli(process.argv.slice(2)).then((code) => {
  process.exitCode = code;
});
