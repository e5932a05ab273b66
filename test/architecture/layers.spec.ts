import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';

const ROOT = resolve(__dirname, '../..');
const DEPCRUISE = join(ROOT, 'node_modules/dependency-cruiser/bin/dependency-cruise.mjs');

interface Cruise {
  readonly summary: {
    readonly violations: readonly { readonly from: string; readonly rule: { readonly name: string } }[];
  };
}

/** Rules that a tree of the given files breaks, with the file that breaks each. */
function broken(cwd: string): readonly string[] {
  const args = [DEPCRUISE, '--config', join(ROOT, '.dependency-cruiser.cjs'), '--output-type', 'json', 'src'];
  let text: string;
  try {
    text = execFileSync(process.execPath, args, {
      cwd,
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'pipe'],
      maxBuffer: 64 * 1024 * 1024,
    });
  } catch (error) {
    // It ends with the number of violations.
    text = (error as { stdout: string }).stdout;
  }
  const { summary } = JSON.parse(text) as Cruise;
  return summary.violations.map(({ from, rule }) => `${rule.name}: ${from}`);
}

/** One violation per rule; the other files are there to be imported. */
const SEEDS: readonly { readonly rule: string; readonly file: string; readonly imports: string }[] = [
  { rule: 'domain-is-pure', file: 'src/domain/a.ts', imports: 'node:fs' },
  { rule: 'domain-is-pure', file: 'src/domain/b.ts', imports: '../application/port' },
  { rule: 'application-knows-domain-and-ports', file: 'src/application/a.ts', imports: '../infrastructure/adapter' },
  { rule: 'application-knows-domain-and-ports', file: 'src/application/b.ts', imports: 'execa' },
  { rule: 'nest-in-the-bus-only', file: 'src/application/c.ts', imports: '@nestjs/cqrs' },
  { rule: 'infrastructure-implements-ports', file: 'src/infrastructure/a.ts', imports: '../projections/shared' },
  { rule: 'http-serves-queries', file: 'src/infrastructure/http/a.ts', imports: '../../compose/core' },
  {
    rule: 'projections-read-only-events-and-ports',
    file: 'src/projections/a.ts',
    imports: '../infrastructure/adapter',
  },
  { rule: 'projections-packages', file: 'src/projections/b.ts', imports: 'execa' },
  { rule: 'projections-are-islands', file: 'src/projections/one/a.ts', imports: '../two/b' },
  { rule: 'mechanism-knows-no-projection', file: 'src/projections/rows/a.ts', imports: '../two/b' },
  { rule: 'projectors-are-pure', file: 'src/projections/one/one.projector.ts', imports: '../../application/port' },
  { rule: 'nobody-imports-the-composition', file: 'src/infrastructure/b.ts', imports: '../compose/core' },
];

describe('the layers', () => {
  let dir: string;
  beforeAll(() => {
    dir = mkdtempSync(join(tmpdir(), 'stagegate-layers-'));
    symlinkSync(join(ROOT, 'node_modules'), join(dir, 'node_modules'));
    write('tsconfig.json', '{"compilerOptions":{"module":"nodenext","moduleResolution":"nodenext"}}');
    for (const file of [
      'application/port',
      'infrastructure/adapter',
      'projections/shared',
      'projections/two/b',
      'compose/core',
    ]) {
      write(`src/${file}.ts`, 'export const value = 1;\n');
    }
    for (const { file, imports } of SEEDS)
      write(file, `import * as seen from '${imports}';\nexport const value = seen;\n`);
    write('src/domain/cycle-a.ts', "import { b } from './cycle-b';\nexport const a = b;\n");
    write('src/domain/cycle-b.ts', "import { a } from './cycle-a';\nexport const b = a;\n");
    write('src/domain/orphan.ts', 'export const alone = 1;\n');
  });
  afterAll(() => {
    rmSync(dir, { recursive: true, force: true });
  });

  function write(file: string, text: string): void {
    mkdirSync(dirname(join(dir, file)), { recursive: true });
    writeFileSync(join(dir, file), text);
  }

  it('are kept by the sources', () => {
    expect(broken(ROOT)).toEqual([]);
  }, 60_000);

  it('are guarded: every rule fires on a seeded violation', () => {
    const found = broken(dir);
    for (const { rule, file } of SEEDS) expect(found).toContain(`${rule}: ${file}`);
    expect(found).toContain('no-cycles: src/domain/cycle-a.ts');
    expect(found).toContain('no-orphans: src/domain/orphan.ts');
  }, 60_000);

  it('have a seed for every rule', () => {
    // eslint-disable-next-line @typescript-eslint/no-require-imports -- the configuration is CommonJS
    const { forbidden } = require('../../.dependency-cruiser.cjs') as { forbidden: { name: string }[] };
    const seeded = new Set([...SEEDS.map(({ rule }) => rule), 'no-cycles', 'no-orphans']);
    expect(forbidden.map(({ name }) => name).filter((name) => !seeded.has(name))).toEqual([]);
  });
});
