import fc from 'fast-check';
import { canonicalJson, type JsonValue } from '../../src/domain/json';

const jsonValue = fc.jsonValue({ maxDepth: 4, stringUnit: 'grapheme' }) as fc.Arbitrary<JsonValue>;

describe('canonical JSON', () => {
  test('is what RFC 8785 says for its own examples', () => {
    const literals = {
      literals: [null, true, false],
      string: '\u20ac$\u000f\nA\'B"\\\\"/',
      numbers: [333333333.3333333, 4.5, 2e-3, 1e-27],
    };
    expect(canonicalJson(literals)).toBe(
      '{"literals":[null,true,false],"numbers":[333333333.3333333,4.5,0.002,1e-27],"string":"€$\\u000f\\nA\'B\\"\\\\\\\\\\"/"}',
    );
    const keys = { '\u20ac': 1, '\r': 2, '\ufb33': 3, '1': 4, '\ud83d\ude00': 5, '\u0080': 6, '\u00f6': 7 };
    expect(Object.values(JSON.parse(canonicalJson(keys)) as object)).toHaveLength(7);
    expect([...canonicalJson(keys).matchAll(/:(\d)/g)].map(([, digit]) => digit).join('')).toBe('2467153');
  });

  test('has neither white space nor members that are undefined', () => {
    expect(canonicalJson({ b: [1, { d: 'x y', c: undefined }], a: {} })).toBe('{"a":{},"b":[1,{"d":"x y"}]}');
  });

  test('means the same as what it was made from', () => {
    fc.assert(
      fc.property(jsonValue, (value) => {
        expect(JSON.parse(canonicalJson(value))).toEqual(JSON.parse(JSON.stringify(value)));
      }),
    );
  });

  test('is one text for equal values, in whatever order their keys were written', () => {
    fc.assert(
      fc.property(jsonValue, (value) => {
        expect(canonicalJson(reversed(value))).toBe(canonicalJson(value));
      }),
    );
  });

  test('differs where values differ', () => {
    fc.assert(
      fc.property(jsonValue, jsonValue, (one, other) => {
        const isSame = canonicalJson(one) === canonicalJson(other);
        expect(isSame).toBe(JSON.stringify(sorted(one)) === JSON.stringify(sorted(other)));
      }),
    );
  });
});

function mapObject(value: JsonValue, order: (keys: string[]) => string[]): JsonValue {
  if (value === null || typeof value !== 'object') return value;
  if (Array.isArray(value)) return (value as readonly JsonValue[]).map((one) => mapObject(one, order));
  const object = value as Record<string, JsonValue>;
  return Object.fromEntries(order(Object.keys(object)).map((key) => [key, mapObject(object[key] ?? null, order)]));
}

function reversed(value: JsonValue): JsonValue {
  return mapObject(value, (keys) => keys.reverse());
}

function sorted(value: JsonValue): JsonValue {
  return mapObject(value, (keys) => keys.sort());
}
