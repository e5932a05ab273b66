import { isMap, LineCounter, parseDocument, type Document, type Node, type Pair, type Scalar } from 'yaml';
import { ConfigError } from '../config-error';
import { withinSentence } from '../../../domain/within-sentence';

/** More is no file that a person wrote. */
const MAX_BYTES = 256 * 1024;

export type YamlPath = readonly (string | number)[];

/** A parsed YAML file that knows on which line each of its values stands. */
export class YamlDocument {
  readonly value: unknown;
  private readonly lines = new LineCounter();
  private readonly document: Document;

  /** @param file as messages name it. */
  constructor(
    private readonly file: string,
    text: string,
  ) {
    if (text.length > MAX_BYTES) throw new ConfigError(`${file}: expected at most ${MAX_BYTES} bytes, saw more`);
    try {
      this.document = parseDocument(text, { lineCounter: this.lines, prettyErrors: false });
    } catch (cause) {
      // Thousands of nested brackets exhaust the parser's stack.
      throw new ConfigError(`${file}: expected YAML, saw something that cannot be parsed; correct it`, { cause });
    }
    const [mistake] = [...this.document.errors, ...this.document.warnings];
    if (mistake) throw this.errorAtOffset(mistake.pos[0], `not valid YAML: ${withinSentence(mistake.message)}`);
    try {
      this.value = this.document.toJS({ maxAliasCount: 0 });
    } catch (cause) {
      throw new ConfigError(`${file}: anchors and aliases are not supported; write the value twice`, { cause });
    }
    const broken = brokenText(this.value);
    if (broken) throw this.errorAt(broken, 'expected text, saw NUL or half a character in it; remove the escape');
  }

  /** An error about the value at `path`, or about its key; where neither exists, about the value around them. */
  errorAt(path: YamlPath, message: string, about: 'value' | 'key' = 'value'): ConfigError {
    const where = path.length === 0 ? '' : `${path.join('.')}: `;
    return this.errorAtOffset(this.offsetOf(path, about), where + message);
  }

  private errorAtOffset(offset: number, message: string): ConfigError {
    return new ConfigError(`${this.file}:${this.lines.linePos(offset).line}: ${message}`);
  }

  private offsetOf(path: YamlPath, about: 'value' | 'key'): number {
    const parent = path.slice(0, -1);
    const node = about === 'value' ? this.nodeAt(path) : this.keyAt(parent, path.at(-1));
    if (node?.range) return node.range[0];
    return path.length === 0 ? 0 : this.offsetOf(parent, 'value');
  }

  private nodeAt(path: YamlPath): Node | undefined {
    if (path.length === 0) return this.document.contents ?? undefined;
    return this.document.getIn(path, true) as Node | undefined;
  }

  private keyAt(parent: YamlPath, key: string | number | undefined): Node | undefined {
    const map = this.nodeAt(parent);
    if (!isMap(map)) return undefined;
    const pairs = map.items as Pair<Scalar>[];
    return pairs.find((pair) => String(pair.key.value) === String(key))?.key;
  }
}

/** Where a text stands that no command can be given and no store keeps; null when there is none. */
function brokenText(value: unknown): YamlPath | null {
  if (typeof value === 'string') return value.isWellFormed() && !value.includes('\u0000') ? null : [];
  if (typeof value !== 'object' || value === null) return null;
  for (const [key, member] of Object.entries(value)) {
    const inside = brokenText(key) ?? brokenText(member);
    if (inside) return [Array.isArray(value) ? Number(key) : key, ...inside];
  }
  return null;
}
