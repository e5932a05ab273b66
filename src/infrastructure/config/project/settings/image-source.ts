import type { ImageSource } from '../../../../domain/policy/project-policy';
import type { RawImage } from '../raw-project';

/** Where an image may be looked at, each by its own key. */
const SOURCES = ['layout', 'report', 'registry'] as const;
const ONLY_WITH_COMMAND = [
  'setup',
  'exitCodes',
  'timeout',
  'grace',
  'minIsolation',
  'env',
  'checkout',
  'cache',
] as const;
const ONLY_WITH_REGISTRY = ['credentials', 'insecure'] as const;

interface Fault {
  readonly at: readonly string[];
  readonly text: string;
}

/** @returns what no schema can say of the block: which keys belong together. */
export function imageFault(raw: RawImage): Fault | null {
  const named = SOURCES.filter((key) => raw[key] !== undefined);
  if (named.length !== 1) {
    const saw = named.length === 0 ? 'none of them' : named.join(' and ');
    return { at: [], text: `expected one of ${SOURCES.join(', ')}, saw ${saw}; keep the one where the image is` };
  }
  const hasCommand = raw.command !== undefined;
  if (!hasCommand && raw.registry === undefined)
    return { at: [], text: `expected \`command\` beside \`${String(named[0])}\`, saw none; name what makes it` };
  const stray = [
    ...(hasCommand ? [] : ONLY_WITH_COMMAND.map((key) => [key, 'command'] as const)),
    ...(raw.registry === undefined ? ONLY_WITH_REGISTRY.map((key) => [key, 'registry'] as const) : []),
  ].find(([key]) => raw[key] !== undefined);
  return stray
    ? { at: [stray[0]], text: `expected \`${stray[1]}\` beside it, saw none; take it out, or name what it is for` }
    : null;
}

/** @param raw without a fault. @param inner takes a path that lies inside the clone, or throws. */
export function imageSource(raw: RawImage, inner: (path: string, key: string) => string): ImageSource {
  const { layout, report, registry: image, credentials = null, insecure: isInsecure = false } = raw;
  if (layout !== undefined) return { kind: 'layout', path: inner(layout, 'layout') };
  if (report !== undefined) return { kind: 'report', path: inner(report, 'report') };
  return { kind: 'registry', image: image ?? '', credentials, isInsecure };
}
