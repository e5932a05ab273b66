import fc from 'fast-check';
import { printFault, printMistake, terminalOutput, type Output } from '../../src/cli/output';
import { bold, dim, green, red, yellow } from '../../src/cli/styled';
import { PinoLogger } from '../../src/infrastructure/system/pino-logger';
import { HOSTILE, unsafeIn } from '../support/unsafe-characters';

const RUNS = { numRuns: 500, seed: 13 };
const SGR = /\u001b\[(?:1|2|22|31|32|33|39)m/g;

/** What steers, between what does not, in every mixture; half characters too. */
const anything = fc
  .array(
    fc.oneof(
      fc.string({ unit: 'binary', maxLength: 8 }),
      fc.constantFrom('\u001b[31m', '\u001b]0;x\u0007', '\u009b', '\u202e', '\u2066', '\n', '\r', '\u2028', '\ud800'),
      fc.integer({ min: 0, max: 0xffff }).map((code) => String.fromCharCode(code)),
    ),
    { maxLength: 8 },
  )
  .map((parts) => parts.join(''));

/** What is written to both streams meanwhile. */
function written(print: () => void): string {
  const seen: string[] = [];
  const take = (bytes: unknown) => {
    seen.push(String(bytes));
    return true;
  };
  const spies = [process.stdout, process.stderr].map((stream) => jest.spyOn(stream, 'write').mockImplementation(take));
  try {
    print();
  } finally {
    for (const spy of spies) spy.mockRestore();
  }
  return seen.join('');
}

const linesOf = (text: string) => text.split('\n').slice(0, -1);

type Way = readonly [name: string, lines: number, print: (output: Output, text: string) => void];
const WAYS: readonly Way[] = [
  [
    'line',
    1,
    (output, text) => {
      output.line(text, ' ', text);
    },
  ],
  [
    'styled line',
    1,
    (output, text) => {
      output.line(bold(text), dim(text), red(text), green(text), yellow(text));
    },
  ],
  [
    'note',
    1,
    (output, text) => {
      output.note(dim(text), text);
    },
  ],
  [
    'warning',
    1,
    (output, text) => {
      output.warn(text);
    },
  ],
  [
    'table',
    3,
    (output, text) => {
      output.table(
        ['a', text],
        [
          [text, 'b'],
          ['c', text],
        ],
      );
    },
  ],
  [
    'mistake',
    1,
    (_output, text) => {
      printMistake(text);
    },
  ],
  [
    'log line',
    1,
    (_output, text) => {
      new PinoLogger({ level: 'info' }).error(text, { field: text });
    },
  ],
];

describe.each(['', '1'])('with FORCE_COLOR=%j', (forced) => {
  const before = { ...process.env };
  beforeAll(() => {
    delete process.env['NO_COLOR'];
    process.env['FORCE_COLOR'] = forced;
  });
  afterAll(() => {
    process.env = before;
  });

  it.each(WAYS)('whatever a %s is given, it is that many lines and steers nothing: %i', (_name, lines, print) => {
    const output = terminalOutput(false);
    const see = (text: string) => {
      const said = written(() => {
        print(output, text);
      });
      expect(unsafeIn(forced === '' ? said : said.replace(SGR, ''))).toEqual([]);
      expect(linesOf(said)).toHaveLength(lines);
    };
    see(HOSTILE);
    fc.assert(fc.property(anything, see), RUNS);
  });
});

it('JSON says the same as without, in one line that steers nothing', () => {
  const see = (text: string) => {
    const said = written(() => {
      terminalOutput(true).json({ [text]: [text], count: 1n });
    });
    expect(unsafeIn(said)).toEqual([]);
    expect(linesOf(said)).toHaveLength(1);
    expect(JSON.parse(said)).toEqual({ [text]: [text], count: '1' });
  };
  see(HOSTILE);
  fc.assert(
    fc.property(
      anything.filter((text) => text !== '__proto__'),
      see,
    ),
    RUNS,
  );
});

it('of a fault the lines are kept, and nothing else that could steer', () => {
  const said = written(() => {
    printFault(Object.assign(new Error(), { stack: `Error: ${HOSTILE}\n    at x (y:1:2)` }));
  });
  expect(unsafeIn(said)).toEqual([]);
  expect(said).toMatch(/^stagegate: internal error: Error: a\\x1b\[31mred[^]*\n {4}at x \(y:1:2\)\n$/);
});

it('what cannot be seen is shown by its number, and what can be seen stays', () => {
  const output = terminalOutput(false);
  expect(
    written(() => {
      output.line('é 漢 🎉 a\u001b[31m\u202e\u{e0041}\nb');
    }),
  ).toBe('é 漢 🎉 a\\x1b[31m\\u202e\\u{e0041}\\nb\n');
});

it('styles are for terminals that want them', () => {
  const before = { ...process.env };
  try {
    delete process.env['NO_COLOR'];
    process.env['FORCE_COLOR'] = '1';
    expect(
      written(() => {
        terminalOutput(false).line(bold('x'), 'y');
      }),
    ).toBe('\u001b[1mx\u001b[22my\n');
    process.env['NO_COLOR'] = '1';
    expect(
      written(() => {
        terminalOutput(false).line(bold('x'), 'y');
      }),
    ).toBe('xy\n');
  } finally {
    process.env = before;
  }
});
