import type { Oid, TaskId } from '../../ids';
import { codeSpan } from '../../quoting';
import { imageLine, type ImageOutcome } from './image-evidence';
import type { ImageDemands } from './images';

/** What speaks against an image, for whoever has to repair it. The same data gives the same bytes. */
export function renderImages(
  { task, newOid, baseOid }: { readonly task: TaskId; readonly newOid: Oid; readonly baseOid: Oid },
  { failing, fresh }: ImageOutcome,
  asked: ImageDemands,
): string {
  const lines = [
    `# Images of ${task}`,
    '',
    `- commit: ${newOid}, the branch on top of main's ${baseOid}`,
    `- fresh: ${fresh.length}`,
    `- not fresh: ${failing.length}`,
    '',
    '## To repair',
    '',
    ...failing.map((each) => `- ${codeSpan(imageLine(each, asked))}`),
    '',
    'An image says what it was built from by the label `org.opencontainers.image.revision`, or, where it has none, by the annotation of',
    'that name. It has to be the whole object name of the commit above.',
  ];
  return `${lines.join('\n')}\n`;
}
