import { EXIT } from './exit-codes';
import { runCli } from './program';
import { runToEnd } from './run-to-end';

const argv = process.argv.slice(2);
// `exec` speaks for its command: what goes wrong with itself has a code of its own.
runToEnd(() => runCli(argv), argv[0] === 'exec' ? EXIT.toolError : EXIT.unwritten);
