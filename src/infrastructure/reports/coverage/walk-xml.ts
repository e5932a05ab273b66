import type * as Saxes from 'saxes';
import { Malformed } from '../malformed';

/** Elements within one another; a report that goes deeper is none of a tool. */
const MOST_LEVELS = 64;
const CHUNK_CHARS = 64 * 1024;

export interface Element {
  readonly name: string;
  readonly attributes: Readonly<Record<string, string>>;
}

export interface XmlVisitor {
  /** @param above the elements around it, the outermost first. */
  readonly begin: (element: Element, above: readonly Element[]) => void;
  readonly end?: (element: Element) => void;
  readonly text?: (text: string, within: Element | undefined) => void;
}

/**
 * Walks through XML from outside. Whatever a document type declares is passed over: an entity that is not one of XML's own five is a
 * mistake, so nothing expands, and nothing is fetched.
 *
 * @throws Malformed where it is not well formed, or not whole.
 */
export function walkXml(xml: string, { begin, end, text }: XmlVisitor): void {
  // Not before there is any XML: whatever starts without would load it for nothing, `land` for one.
  // eslint-disable-next-line @typescript-eslint/no-require-imports -- reading is synchronous, and so has loading to be
  const { SaxesParser } = require('saxes') as typeof Saxes;
  const parser = new SaxesParser<{ xmlns: false }>({ xmlns: false });
  const above: Element[] = [];
  parser.on('error', ({ message }) => {
    throw new Malformed(`expected well-formed XML, saw something else: ${message.slice(0, 200)}`);
  });
  parser.on('opentag', ({ name, attributes }) => {
    const element = { name, attributes };
    begin(element, above);
    above.push(element);
    if (above.length > MOST_LEVELS) throw new Malformed(`expected at most ${MOST_LEVELS} levels of nesting, saw more`);
  });
  parser.on('closetag', () => {
    const element = above.pop();
    if (element) end?.(element);
  });
  if (text)
    parser.on('text', (said) => {
      text(said, above.at(-1));
    });
  for (let at = 0; at < xml.length; at += CHUNK_CHARS) parser.write(xml.slice(at, at + CHUNK_CHARS));
  parser.close();
}
