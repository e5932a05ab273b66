import fc from 'fast-check';
import { parse } from 'yaml';
import { readFrontMatter, readVerdict, writeFrontMatter } from '../../../src/domain/staging/front-matter';
import { artifact, bytes, KEYS, VALUES } from './artifacts';
import { FORGERIES } from './forgeries';

const RUNS = 4_000;

/** Lines that look like a header, honest and not. */
const line = fc.oneof(
  { weight: 6, arbitrary: fc.constantFrom(...Object.entries(VALUES).map(([key, value]) => `${key}: ${value}`)) },
  {
    weight: 2,
    arbitrary: fc.constantFrom('staging_status: SUCCESS', 'staging_status: FAILED', 'staging_status: MAYBE'),
  },
  {
    weight: 1,
    arbitrary: fc.tuple(fc.constantFrom(...Object.keys(VALUES)), fc.string()).map((pair) => pair.join(': ')),
  },
  { weight: 1, arbitrary: fc.constantFrom('---', '...', '', ' ', '? staging_status', ': SUCCESS', '\ufeff', '<<: *x') },
  { weight: 1, arbitrary: fc.string({ unit: 'grapheme' }) },
);
const body = fc.array(
  fc.oneof(fc.string(), fc.constantFrom('---', '    staging_status: SUCCESS', 'staging_status:', '# x')),
  {
    maxLength: 4,
  },
);
const status = fc.constantFrom('SUCCESS', 'FAILED');
/** What nobody changed. */
const honest = fc.tuple(status, body).map(([value, lines]) => artifact({ staging_status: value }, lines.join('\n')));
/** The plain file with one thing changed anywhere. */
const mutated = fc
  .tuple(fc.constantFrom(artifact(), artifact({ staging_status: 'FAILED' })), fc.nat(), fc.nat(3), fc.string())
  .map(([text, at, cut, inserted]) => {
    const place = at % text.length;
    return text.slice(0, place) + inserted + text.slice(place + cut);
  });
/** Lines in any number and order between two marks. */
const assembled = fc
  .tuple(fc.array(line, { maxLength: 16 }), body)
  .map(([lines, rest]) => ['---', ...lines, '---', ...rest].join('\n'));
const forged = fc.constantFrom(...FORGERIES.map(([, content]) => content));
const document = fc.oneof(
  { weight: 7, arbitrary: honest },
  { weight: 4, arbitrary: mutated },
  { weight: 4, arbitrary: assembled },
  { weight: 1, arbitrary: forged },
);

describe('of any document', () => {
  test('the reader says the same as YAML does, or nothing at all: no second meaning', () => {
    const reach = { wellFormed: 0, passing: 0, reasons: new Set<string>() };
    fc.assert(
      fc.property(document, (text) => {
        const read = readVerdict('deploy-staging', 'runner', bytes(text));
        if (read.kind === 'malformed') {
          reach.reasons.add(read.reason);
          return;
        }
        reach.wellFormed += 1;
        if (read.status === 'SUCCESS') reach.passing += 1;
        expect(text.split('\n').filter((one) => one === `staging_status: ${read.status}`)).toHaveLength(1);
        expect(yamlStatus(text)).toBe(read.status);
      }),
      { numRuns: RUNS },
    );
    // A fuzz that never gets past the door finds nothing.
    expect(reach.wellFormed / RUNS).toBeGreaterThan(0.2);
    expect(reach.passing / RUNS).toBeGreaterThan(0.05);
    for (const reason of REASONS) expect([...reach.reasons].some((seen) => reason.test(seen))).toBe(true);
  });

  test('the reader never throws, not on any bytes', () => {
    const raw = fc.oneof(fc.uint8Array({ maxLength: 200 }), document.map(bytes));
    fc.assert(
      fc.property(raw, (content) => ['ok', 'malformed'].includes(readFrontMatter(KEYS, content).kind)),
      { numRuns: RUNS },
    );
  });

  test('what was written is read back as it was', () => {
    const text = fc.stringMatching(/^[!-~](?:[ -~]{0,198}[!-~])?$/);
    const values = fc.record({
      ...Object.fromEntries(Object.entries(VALUES).map(([key, value]) => [key, fc.constant(value)])),
      task: text,
      isolation: text,
    });
    fc.assert(
      fc.property(values, (written) => {
        const read = readFrontMatter(KEYS, bytes(writeFrontMatter(KEYS, written)));
        expect(read).toEqual({ kind: 'ok', values: written, body: '' });
      }),
    );
  });
});

/** Every way out of the reader but the one for its size, which has a test of its own. */
const REASONS = [
  /does not start with/,
  /more lines than known keys/,
  /unknown or badly written/,
  /stands twice/,
  /is no text/,
  /is no (?:digest|oid|instant|integer)/,
  /is missing/,
  /the body holds/,
  /staging_status is "/,
];

/** What YAML makes of the verdict in the header, with everything read as text; the header's own value if YAML cannot read it. */
function yamlStatus(text: string): unknown {
  const header = text.slice(4, text.indexOf('\n---'));
  try {
    return (parse(header, { schema: 'failsafe', uniqueKeys: true }) as Record<string, unknown>)['staging_status'];
  } catch {
    // Our values may hold what YAML takes for a notation of its own; it refuses then, and no second meaning exists.
    return /^staging_status: (.*)$/m.exec(header)?.[1];
  }
}
