import { TEST_FORMATS } from '../../../../domain/witness/test-report';
import { resolve } from 'node:path';
import { A_URL, holdsCredentials, mayHoldSecret } from '../../../../application/secrets';
import { A_BRANCH_NAME, isBranchName } from '../../../../domain/ids';
import type { SetupCachePolicy, SuitePolicy } from '../../../../domain/policy/project-policy';
import { seen } from '../../config-error';
import { ageMs, durationMs } from '../../values/duration';
import { innerPath, notApart } from '../../values/inner-path';
import { DEFAULT_CACHE_SIZE, sizeBytes } from '../../values/size';
import type { YamlDocument, YamlPath } from '../../values/yaml-document';
import { readBriefTemplate } from './brief-template';
import { askedOf, coverageFault } from './coverage-settings';
import { imageFault, imageSource } from './image-source';
import type { Optional, ProjectSettings, ReportSettings } from '../project-settings';
import type { RawCoverage, RawImage, RawJudge, RawProject, RawReport, RawSecurity, RawSuite } from '../raw-project';

/** `https:…`, `git@host:…`, `token@host/…`: a colon before the first slash is what git takes for another machine. */
const URL_LIKE = /^\s*[^/.][^/]*(?:[:@]|%40|%3a)/i;

/** Reads the parts of one project of a file. What no schema can tell is a `ConfigError` with its line. */
export class SettingsReader {
  constructor(
    private readonly document: YamlDocument,
    private readonly root: YamlPath,
  ) {}

  pathOf(path: string, folder: string, ...at: YamlPath): string {
    if (URL_LIKE.test(path) || mayHoldSecret(path)) {
      const advice = 'clone it first, or begin a path that has a colon or an @ with ./';
      throw this.document.errorAt([...this.root, ...at], `expected a path, saw ${A_URL}; ${advice}`);
    }
    return resolve(folder, path);
  }

  /** It is recorded, and shown. */
  openUrl(url: string, ...at: YamlPath): string {
    if (!holdsCredentials(url)) return url;
    throw this.document.errorAt(
      [...this.root, ...at],
      'expected a URL without a password, saw one with it; leave it out',
    );
  }

  branch(name: string | undefined): string | undefined {
    if (name === undefined || isBranchName(name)) return name;
    throw this.error(['main'], A_BRANCH_NAME, name);
  }

  agents(agents: NonNullable<RawProject['agents']>, folder: string): ProjectSettings['agents'] {
    const read = Object.entries(agents).map(([role, { command, timeout, grace, brief }]) => {
      const timeoutMs = this.duration(timeout, 'agents', role, 'timeout');
      const graceMs = this.duration(grace, 'agents', role, 'grace');
      return [role, { command, timeoutMs, graceMs, brief: this.template(brief, folder, 'agents', role, 'brief') }];
    });
    return Object.fromEntries(read) as ProjectSettings['agents'];
  }

  suite(
    raw: RawSuite,
    name: 'staging' | 'retest' | 'testing' | 'security' | 'coverage' | 'image',
  ): Optional<SuitePolicy> {
    return {
      setup: raw.setup,
      suite: raw.suite,
      timeoutMs: this.duration(raw.timeout, name, 'timeout'),
      graceMs: this.duration(raw.grace, name, 'grace'),
      witness: this.witness(raw.witness, name),
      minTests: raw.minTests,
      onVanishedTests: raw.onVanishedTests,
      minIsolation: raw.minIsolation,
      env: raw.env,
      checkoutDepth: raw.checkout?.depth,
      confirmRed: raw.confirmRed || undefined,
      cache: this.cache(raw.cache, name, raw.setup !== undefined || name === 'retest'),
    };
  }

  security(raw: RawSecurity): ProjectSettings['security'] {
    const { level, severity, findings } = raw;
    if (level === 'off' && severity === 'off')
      throw this.document.errorAt(
        [...this.root, 'security', 'severity'],
        'expected a number, or `level` beside it, saw both off: no finding would fail; leave the block out',
      );
    return {
      ...this.report(raw, 'security'),
      level: level === 'off' ? null : level,
      severity: severity === 'off' ? null : severity,
      findings,
    };
  }

  coverage(raw: RawCoverage): ProjectSettings['coverage'] {
    const wrong = coverageFault(raw);
    if (wrong) throw this.document.errorAt([...this.root, 'coverage', wrong.key], wrong.text);
    return { ...this.report(raw, 'coverage'), ...askedOf(raw) };
  }

  image(raw: RawImage): ProjectSettings['image'] {
    const fault = imageFault(raw);
    if (fault) throw this.document.errorAt([...this.root, 'image', ...fault.at], fault.text);
    const source = imageSource(raw, (path, key) => this.insideClone(path, 'image', key));
    const { command: suite, exitCodes, maxAge } = raw;
    const path = source.kind === 'layout' ? `${source.path}/index.json` : source.kind === 'report' ? source.path : null;
    const witness = path === null ? null : ({ kind: 'file', path } as const);
    const run = suite === undefined ? null : { ...this.suite({ ...raw, suite }, 'image'), suite, witness };
    return { run, exitCodes, source, maxAgeMs: maxAge === undefined ? null : ageMs(maxAge) };
  }

  judge({ run = 'main-tests', timeout, ...patterns }: RawJudge): ProjectSettings['judge'] {
    if (run === 'off') return undefined;
    return { run, timeoutMs: this.duration(timeout, 'judge', 'timeout'), ...patterns };
  }

  private report(raw: RawReport, name: 'security' | 'coverage'): ReportSettings {
    const { command: suite, exitCodes } = raw;
    const run = this.suite({ ...raw, suite }, name);
    return {
      run: { ...run, suite, witness: { kind: 'file', path: this.insideClone(raw.report, name, 'report') } },
      exitCodes,
    };
  }

  private cache(raw: RawSuite['cache'], name: string, hasSetup: boolean): SetupCachePolicy | undefined {
    if (raw === undefined) return undefined;
    if (!hasSetup)
      throw this.document.errorAt(
        [...this.root, name, 'cache'],
        'expected `setup` beside it, saw none; name what makes the folders',
      );
    const paths = (list: readonly string[], key: string) =>
      list.map((path) => this.insideClone(path, name, 'cache', key));
    const maxBytes = sizeBytes(raw.maxSize ?? DEFAULT_CACHE_SIZE);
    const folders = paths(raw.folders, 'folders');
    const twice = notApart(folders);
    if (twice)
      throw this.error([name, 'cache', 'folders'], 'folders apart', twice.join(' and '), 'name the outer one once');
    return { folders, key: paths(raw.key, 'key'), maxBytes };
  }

  duration(text: string | undefined, ...path: YamlPath): number | undefined {
    if (text === undefined) return undefined;
    const ms = durationMs(text);
    if (ms === null) throw this.error(path, 'a duration of at most 24h', text);
    return ms;
  }

  private template(path: string | undefined, folder: string, ...at: YamlPath): string | undefined {
    if (path === undefined) return undefined;
    const read = readBriefTemplate(this.pathOf(path, folder, ...at));
    if (read.kind === 'read') return read.text;
    throw this.document.errorAt([...this.root, ...at], `expected ${read.expected}, saw ${read.saw}; ${read.advice}`);
  }

  private witness(raw: RawSuite['witness'], name: string): SuitePolicy['witness'] | undefined {
    if (raw?.file !== undefined) return { kind: 'file', path: this.insideClone(raw.file, name, 'witness', 'file') };
    if (raw?.output !== undefined) return { kind: 'output', pattern: this.pattern(raw.output, name) };
    const format = TEST_FORMATS.find((each) => raw?.[each] !== undefined);
    if (!raw || !format) return undefined;
    const paths = [raw[format] ?? []].flat().map((path) => this.reports(path, name, 'witness', format));
    return { kind: 'tests', format, paths };
  }

  /** What it names is removed before each run. */
  private reports(path: string, ...key: YamlPath): string {
    if (!path.startsWith('!') && !/(?:^|\/)[*?]+$/.test(path)) return this.insideClone(path, ...key);
    throw this.error(key, 'a pattern that names its files, such as reports/*.xml', path);
  }

  insideClone(path: string, ...key: YamlPath): string {
    const inner = innerPath(path);
    if (inner !== null) return inner;
    throw this.error(key, 'a path inside the clone and outside .git', path);
  }

  private pattern(source: string, name: string): string {
    try {
      return new RegExp(source).source;
    } catch {
      // The constructor is the only judge of a pattern; its message repeats the pattern and says little more.
      throw this.error([name, 'witness', 'output'], 'a regular expression', source);
    }
  }

  private error(path: YamlPath, expected: string, value: string, advice = 'correct it') {
    return this.document.errorAt([...this.root, ...path], `expected ${expected}, saw ${seen(value)}; ${advice}`);
  }
}
