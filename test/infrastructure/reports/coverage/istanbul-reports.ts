import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { runInNewContext } from 'node:vm';

/* eslint-disable @typescript-eslint/no-require-imports -- the reporters of jest, which have no types */
const { createInstrumenter } = require('istanbul-lib-instrument') as {
  createInstrumenter: (options: object) => { instrumentSync: (code: string, path: string) => string };
};
const { createCoverageMap } = require('istanbul-lib-coverage') as { createCoverageMap: (data: object) => object };
const { createContext } = require('istanbul-lib-report') as { createContext: (options: object) => object };
const { create } = require('istanbul-reports') as {
  create: (name: string, options: object) => { execute: (context: object) => void };
};
/* eslint-enable @typescript-eslint/no-require-imports */

const FILES = {
  lcov: ['lcovonly', 'lcov.info'],
  cobertura: ['cobertura', 'cobertura-coverage.xml'],
  clover: ['clover', 'clover.xml'],
  summary: ['json-summary', 'coverage-summary.json'],
} as const;

/**
 * Executes sources with Istanbul's counters in them, and has its own reporters tell of that one run in all formats.
 *
 * @param sources by absolute path below `root`.
 */
export function istanbulReports(
  sources: Readonly<Record<string, string>>,
  root: string,
): Readonly<Record<keyof typeof FILES, string>> {
  const scope: { __coverage__?: object } = {};
  for (const [path, code] of Object.entries(sources)) {
    const instrumenter = createInstrumenter({ coverageGlobalScopeFunc: false, coverageGlobalScope: 'scope' });
    runInNewContext(instrumenter.instrumentSync(code, path), { scope });
  }
  const dir = mkdtempSync(join(tmpdir(), 'stagegate-istanbul-'));
  try {
    const coverageMap = createCoverageMap(JSON.parse(JSON.stringify(scope.__coverage__)) as object);
    const context = createContext({ dir, coverageMap });
    const texts = Object.entries(FILES).map(([format, [reporter, file]]) => {
      create(reporter, { projectRoot: root, file }).execute(context);
      return [format, readFileSync(join(dir, file), 'utf8')];
    });
    return Object.fromEntries(texts) as Record<keyof typeof FILES, string>;
  } finally {
    rmSync(dir, { recursive: true });
  }
}
