#!/usr/bin/env node
import { runCli } from './cli/program';

// Whoever reads us may stop reading (`| head`); that is no error.
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code !== 'EPIPE') throw error;
  process.exit(0);
});

void runCli(process.argv.slice(2)).then((code) => {
  process.exitCode = code;
});
