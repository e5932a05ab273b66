import { createHash } from 'node:crypto';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { constants, Script } from 'node:vm';

/** The whole program in one file, and what V8 has made of it: `npm run build` writes both. */
export interface ProgramFiles {
  readonly source: string;
  readonly code: string;
}

const DIGEST = 'sha256';
const DIGEST_BYTES = 32;

export function programFiles(folder: string): ProgramFiles {
  return { source: join(folder, 'program.js'), code: join(folder, 'program.code') };
}

/**
 * Another version of Node.js, or one with other flags, refuses the code (`cachedDataRejected`) and compiles the source, as where there
 * is no code: that is slower, and nothing else.
 */
export function programScript(files: ProgramFiles): Script {
  const source = readFileSync(files.source);
  const code = keptCode(files.code, source);
  return new Script(`(function (exports, require, module, __filename, __dirname) {${source.toString()}\n})`, {
    filename: files.source,
    ...(code === null ? {} : { cachedData: code }),
    importModuleDynamically: constants.USE_MAIN_CONTEXT_DEFAULT_LOADER,
  });
}

/** As Node.js runs a module that it finds by itself. @param module whose place and whose `require` it gets. */
export function runProgram(script: Script, source: string, module: NodeJS.Module, require: NodeJS.Require): void {
  const run = script.runInThisContext() as (...given: readonly unknown[]) => void;
  run.call(module.exports, module.exports, require, module, source, module.path);
}

export function keepCode(files: ProgramFiles, script: Script): void {
  const code = script.createCachedData();
  writeFileSync(files.code, Buffer.concat([digestOf(readFileSync(files.source), code), code]));
}

/** V8 would run whatever it is given, or end the process: only the whole code of this very source is code. */
function keptCode(file: string, source: Buffer): Buffer | null {
  if (!existsSync(file)) return null;
  const kept = readFileSync(file);
  const code = kept.subarray(DIGEST_BYTES);
  return kept.subarray(0, DIGEST_BYTES).equals(digestOf(source, code)) ? code : null;
}

function digestOf(source: Buffer, code: Buffer): Buffer {
  return createHash(DIGEST).update(source).update(code).digest();
}
