import { readdirSync, readFileSync, statSync } from 'node:fs';
import { basename, dirname } from 'node:path';
import { MAX_TEMPLATE_BYTES, PLACEHOLDER_NAMES, unknownPlaceholder } from '../../../../domain/brief/template';
import { seen } from '../../config-error';
import { nearestName } from '../../../../domain/nearest-name';

type Read =
  | { readonly kind: 'read'; readonly text: string }
  | { readonly kind: 'refused'; readonly expected: string; readonly saw: string; readonly advice: string };

/** A template for briefs, as its project has it: a file of text in which nothing unknown stands in double braces. */
export function readBriefTemplate(path: string): Read {
  const found = look(path);
  if (typeof found === 'string') return missing(path, found);
  const limits = `a template of 1 to ${MAX_TEMPLATE_BYTES} bytes of UTF-8`;
  if (found.size > MAX_TEMPLATE_BYTES) return refused(limits, `${found.size} bytes`, 'shorten it');
  const text = asText(readFileSync(path));
  if (text === null) return refused(limits, 'none, or bytes that are no text', 'correct the file');
  const unknown = unknownPlaceholder(text);
  if (unknown === null) return { kind: 'read', text };
  const nearest = nearestName(unknown.trim(), PLACEHOLDER_NAMES);
  const expected = `placeholders of ${PLACEHOLDER_NAMES.map((name) => `{{${name}}}`).join(', ')} in ${seen(basename(path))}`;
  return refused(
    expected,
    `{{${unknown.slice(0, 60)}}}`,
    nearest === null ? 'correct it' : `did you mean {{${nearest}}}?`,
  );
}

/** @returns what is in its way where it cannot be read. Of a device nobody knows the end; a pipe would be waited for. */
function look(path: string): { readonly size: number } | string {
  try {
    const stats = statSync(path);
    return stats.isFile() ? stats : 'no plain file';
  } catch (error) {
    return (error as NodeJS.ErrnoException).code ?? 'unknown';
  }
}

function missing(path: string, code: string): Read {
  const nearest = nearestName(basename(path), namesIn(dirname(path)));
  const advice = nearest === null ? 'write it or correct the path' : `did you mean ${nearest}?`;
  return refused('a file with a template for briefs', `${code} at ${seen(path)}`, advice);
}

function namesIn(folder: string): readonly string[] {
  try {
    return readdirSync(folder);
  } catch {
    // Then there is no name to guess from.
    return [];
  }
}

function asText(bytes: Uint8Array): string | null {
  try {
    const text = new TextDecoder('utf-8', { fatal: true }).decode(bytes);
    return text.trim() === '' || text.includes('\0') ? null : text;
  } catch {
    // The decoder has no other way to say so.
    return null;
  }
}

function refused(expected: string, saw: string, advice: string): Read {
  return { kind: 'refused', expected, saw, advice };
}
