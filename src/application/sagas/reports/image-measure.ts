import { imageFacts, imageLine, imageOutcome } from '../../../domain/gates/image/image-evidence';
import { askedOfImage } from '../../../domain/gates/image/image.gate';
import { renderImages } from '../../../domain/gates/image/image-page';
import type { Image, ImageReport } from '../../../domain/gates/image/images';
import type { Oid } from '../../../domain/ids';
import type { ImagePolicy, RegistryImage } from '../../../domain/policy/project-policy';
import type { ReportFault } from '../../ports/report-reader';
import { folderOf, SEEN_LINES, type Found, type Measure, type MeasureDeps, type Place } from './measure';

export const IMAGE: Measure<ImagePolicy, ImageReport, null> = {
  policy: ({ image }) => image,
  asked: askedOfImage,
  source: (deps, policy, place) => {
    const { source } = policy;
    switch (source.kind) {
      case 'report':
        return deps.reports.file(folderOf(place), source.path);
      case 'layout':
        return deps.reports.layout(folderOf(place), source.path);
      case 'registry':
        return inRegistry(deps, source, place);
    }
  },
  // Its revision is compared with the candidate's name, which needs no git.
  ground: () => Promise.resolve(null),
  parse: (reader, text) => reader.images(text),
  // What an image was built from is compared with nothing.
  needsMain: () => false,
  facts: ({ judged, policy: { maxAgeMs }, report, at }) => {
    const asked = { revision: judged.newOid, maxAgeMs, at };
    const outcome = imageOutcome(report, asked);
    const { failing, undated } = outcome;
    // One that is stale is built once more, whenever it was built before.
    if (failing.length === 0 && undated[0]) return dateless(undated[0]);
    return {
      data: imageFacts(report, outcome, asked),
      seen: failing.slice(0, SEEN_LINES).map((each) => imageLine(each, asked)),
      details: failing.length === 0 ? null : renderImages(judged, outcome, asked),
    };
  },
};

function inRegistry(
  { registry, host }: MeasureDeps,
  { image, credentials: name, isInsecure }: RegistryImage,
  { oid, signal }: Place,
): Promise<Found> {
  const credentials = name === null ? null : (host.pick([name])[name] ?? '');
  if (credentials !== null && !/^[^:]+:/.test(credentials)) return Promise.resolve(withoutCredentials(String(name)));
  return registry.look({ image: withCommit(image, oid), credentials, isInsecure, signal });
}

/** `…/app:{commit}` is the image of the candidate. */
function withCommit(image: string, oid: Oid): string {
  return image.replaceAll('{commit}', oid);
}

function withoutCredentials(name: string): ReportFault {
  const evidence = [
    `expected user:password in the variable ${name} of the service, saw none; set it and restart the service`,
  ];
  return { kind: 'fault', reason: 'registry_refused', retryable: false, evidence };
}

function dateless({ digest, created }: Image): ReportFault {
  const evidence = [`expected a date of the build, to compare with maxAge, saw ${created ?? 'none'} at ${digest}`];
  return { kind: 'fault', reason: 'image_undated', retryable: false, evidence };
}
