import { rmSync } from 'node:fs';
import { resolve } from 'node:path';
import { keepCode, programFiles, programScript, runProgram } from './program';

/**
 * The last step of a build: keeps the code of the program beside it. Code is there for what has run once, so a verb is run that loads
 * most of it and is refused before it does anything.
 */
const files = programFiles(resolve(__dirname, '../..'));
const nowhere = resolve(files.source, 'no-repository');
rmSync(files.code, { force: true });
const script = programScript(files);
process.argv = [process.execPath, files.source, 'land', 'none', '--suite', 'true', '--repo', nowhere];
process.on('exit', () => {
  keepCode(files, script);
});
runProgram(script, files.source, module, require);
