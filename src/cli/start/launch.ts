import { programFiles, programScript, runProgram } from './program';

const files = programFiles(__dirname);
runProgram(programScript(files), files.source, module, require);
