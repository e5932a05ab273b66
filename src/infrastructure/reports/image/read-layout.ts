import type { ReportFault } from '../../../application/ports/report-reader';
import type { Image } from '../../../domain/gates/image/images';
import { Malformed } from '../malformed';
import { readPlainFile, type PlainFile } from '../plain-file';
import { descriptorsIn, documentIn, MOST_BLOB_BYTES } from './descriptors';
import { imagesBelow } from './image-tree';

/** Of every OCI image layout there is. */
const LAYOUT_VERSION = '1.0.0';

type Layout = { readonly kind: 'read'; readonly text: string } | ReportFault;

/**
 * The images of an OCI layout in the clone of a run, as `readImages` reads them. A command has made it, so every part of it is a
 * plain file in the clone and has the bytes that its digest names, or there is no report.
 *
 * @param path of the folder with `oci-layout`, relative to the clone.
 */
export function readLayout(folder: string, path: string): Promise<Layout> {
  return layoutOf((name) => readPlainFile(folder, `${path}/${name}`, MOST_BLOB_BYTES));
}

/** @param read gives a file of the layout by its name. */
export async function layoutOf(read: (name: string) => Promise<PlainFile>): Promise<Layout> {
  const file = async (name: string) => {
    const found = await read(name);
    if (found.kind === 'fault') throw new NoPart(found);
    return found.bytes;
  };
  try {
    const { imageLayoutVersion } = documentIn(await file('oci-layout'), 'oci-layout');
    if (imageLayoutVersion !== LAYOUT_VERSION)
      throw new Malformed(
        `oci-layout: expected version ${LAYOUT_VERSION}, saw ${String(imageLayoutVersion).slice(0, 60)}`,
      );
    const index = documentIn(await file('index.json'), 'index.json');
    const images = await imagesBelow(descriptorsIn(index, 'index.json'), ({ digest }) =>
      file(`blobs/${digest.replace(':', '/')}`),
    );
    return { kind: 'read', text: imagesText(images) };
  } catch (error) {
    if (error instanceof NoPart) return error.fault;
    if (error instanceof Malformed) return { kind: 'fault', reason: error.reason, evidence: [error.message] };
    throw error;
  }
}

/** As `readImages` reads it: what is kept says what was looked at. */
export function imagesText(images: readonly Image[]): string {
  return `${JSON.stringify(images, null, 2)}\n`;
}

/** A part of the layout cannot be had. */
class NoPart extends Error {
  constructor(readonly fault: ReportFault) {
    super(fault.reason);
  }
}
