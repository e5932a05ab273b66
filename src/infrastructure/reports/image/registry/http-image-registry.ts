import { ImageRegistry, type RegistryQuestion } from '../../../../application/ports/image-registry';
import type { ReportFault } from '../../../../application/ports/report-reader';
import { REGISTRY_MS } from '../../../../domain/task/job-limits';
import { Malformed } from '../../malformed';
import { documentIn, INDEX_TYPES, MANIFEST_TYPES, type Descriptor } from '../descriptors';
import { sha256Digest } from '../digests';
import { imagesBelow } from '../image-tree';
import { imagesText } from '../read-layout';
import type { Resolve } from '../../../outbound/guarded-lookup';
import { parseReference } from './reference';
import { RegistryFault } from './registry-fault';
import { RegistrySession } from './registry-session';

const MANIFESTS = [...INDEX_TYPES, ...MANIFEST_TYPES].join(', ');

/** Asks registries by their distribution API, of which it needs to get manifests and configurations. */
export class HttpImageRegistry extends ImageRegistry {
  /** @param options.limitMs of a whole look, however many requests that takes. */
  constructor(private readonly options: { readonly limitMs?: number; readonly resolve?: Resolve } = {}) {
    super();
  }

  override async look(
    question: RegistryQuestion,
  ): Promise<{ readonly kind: 'read'; readonly text: string } | ReportFault> {
    const { limitMs = REGISTRY_MS, resolve } = this.options;
    const reference = parseReference(question.image);
    if (!reference)
      return new RegistryFault('registry_malformed', `${question.image}: expected an image, saw none`).toValue();
    // Nobody but its own timer holds a signal of `AbortSignal.timeout`: within another one it is collected as garbage, and never fires.
    const limit = new AbortController();
    const timer = setTimeout(() => {
      limit.abort();
    }, limitMs);
    const signal = AbortSignal.any([question.signal, limit.signal]);
    const session = new RegistrySession({ ...question, reference, signal, resolve });
    try {
      const { bytes, header } = await session.get(`manifests/${reference.tag}`, MANIFESTS);
      const root = rootOf(bytes, header('content-type'), header('docker-content-digest'));
      const images = await imagesBelow([root], async ({ digest }, what) => {
        if (digest === root.digest) return bytes;
        const answer = await session.get(`${what}s/${digest}`, what === 'manifest' ? MANIFESTS : '*/*');
        return answer.bytes;
      });
      return { kind: 'read', text: imagesText(images) };
    } catch (error) {
      if (error instanceof RegistryFault) return error.toValue();
      if (error instanceof Malformed)
        return new RegistryFault('registry_malformed', `${reference.host}: ${error.message}`).toValue();
      throw error;
    } finally {
      clearTimeout(timer);
    }
  }
}

/** What stands behind a tag. Nothing has named its digest before, so it is what the bytes are. */
function rootOf(bytes: Uint8Array, contentType: string | null, claimed: string | null): Descriptor {
  const digest = sha256Digest(bytes);
  if (claimed?.startsWith('sha256:') && claimed !== digest)
    throw new Malformed(`the tag: expected the bytes of ${claimed.slice(0, 80)}, saw those of ${digest}`);
  const { mediaType } = documentIn(bytes, 'the tag');
  const own = typeof mediaType === 'string' ? mediaType : null;
  const served = contentType?.split(';')[0]?.trim() ?? '';
  return { mediaType: own ?? served, digest, size: bytes.length, annotations: {}, name: null };
}
