import type { JsonObject } from '../../json';
import type { ImagePolicy, ImageSource } from '../../policy/project-policy';
import { fail, pass } from '../gate';
import { citedOf, reportGate } from '../report-gate';

/** What check_image_fresh asks; evidence cites it. */
export function askedOfImage({ source, maxAgeMs }: ImagePolicy): JsonObject {
  return { from: sourceText(source), maxAgeMs };
}

/** check_image_fresh: every image was built from the candidate, and, where an age is set, not longer ago than that. */
export const imageGate = reportGate({
  gate: 'check_image_fresh',
  version: 1,
  policy: ({ image }) => image,
  asked: askedOfImage,
  judge: (evidence) => {
    const { failing, stale, old, images } = evidence;
    if (typeof failing !== 'number' || !Array.isArray(images) || images.length === 0) return null;
    if (failing === 0) return pass(citedOf(evidence, 'images'));
    const { seen = [], output = null } = evidence;
    return fail(reasonFor(stale, old), { ...citedOf(evidence, 'images'), failing, seen, output });
  },
});

function reasonFor(stale: JsonObject[string], old: JsonObject[string]): string {
  const parts = [
    [stale, 'not built from the commit that is to land'],
    [old, 'too old'],
  ] as const;
  const told = parts.flatMap(([count, what]) => {
    if (typeof count !== 'number' || count === 0) return [];
    return [`${count} ${count === 1 ? 'image' : 'images'} ${what}`];
  });
  return told.join(', ');
}

/** `layout out`, `report image.json`, `registry registry.example/team/app:{commit}`. */
function sourceText(source: ImageSource): string {
  return `${source.kind} ${source.kind === 'registry' ? source.image : source.path}`;
}
