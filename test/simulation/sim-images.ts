import type { StoredEvent } from '../../src/application/ports/event-store';
import type { ReportFault } from '../../src/application/ports/report-reader';
import { instant } from '../../src/domain/instant';
import type { TaskEventData } from '../../src/domain/task/task.events';
import type { ProjectSettings } from '../../src/infrastructure/config/project/project-settings';
import { layoutOf } from '../../src/infrastructure/reports/image/read-layout';
import { descriptor, image, type Built } from '../support/image-parts';
import type { Violation } from '../support/violation';
import { seeded } from './random';
import { isOverridden } from './sim-reports';
import type { SimRepository } from './sim-repository';
import type { World } from './world';

/** The command that builds an image. */
export const BUILD = 'build';
const DAY_MS = 86_400_000;

/** One history in five looks at the image of what is to land. Draws of its own, so that the others stay as they are. */
export function imagesOf(seed: number): Pick<ProjectSettings, 'image'> {
  if (!seeded(seed ^ 0x1a6e).chance(0.2)) return {};
  const witness = { kind: 'file', path: 'out/index.json' } as const;
  const run = { suite: BUILD, timeoutMs: 60_000, graceMs: 1_000, witness };
  return { image: { run, source: { kind: 'layout', path: 'out' }, maxAgeMs: DAY_MS } };
}

/** What an image really was built from, and when, whatever it says. */
interface Truth {
  readonly oid: string;
  readonly isOld: boolean;
}

/** Builds that mostly do what they should. Some changes pin the revision; the machine leaves old images, half ones and mixed up ones. */
export class SimImages {
  private readonly truths = new Map<string, Truth>();
  private readonly own: World;

  constructor(
    world: World,
    private readonly repository: SimRepository,
  ) {
    this.own = world.apart(0x1a6f);
  }

  /** @param nowMs as the machine that builds has it. */
  layout(oid: string, nowMs: number): Promise<{ readonly kind: 'read'; readonly text: string } | ReportFault> {
    const { random, faults } = this.own;
    const { touches, parent } = this.repository.get(oid);
    const from = touches % 5 === 2 && parent !== null ? parent : oid;
    if (!faults.happens(faults.infraRate)) return stored(this.built(from, nowMs));
    const left = parent ?? oid;
    return random.pick([
      () => stored(this.built(from, nowMs, 2 * DAY_MS)),
      () => stored({ ...this.built(from, nowMs), config: null }),
      // Of another image, whose configuration was overwritten by this one's.
      () => stored({ ...this.built(left, nowMs), config: image(oid, { created: instant(nowMs) }).config }),
    ])();
  }

  private built(oid: string, nowMs: number, ageMs = 0): Built {
    const made = image(oid, { created: instant(nowMs - ageMs) });
    this.truths.set(made.manifest.digest, { oid, isOld: ageMs > DAY_MS });
    return made;
  }

  /**
   * I46: where images are looked at nothing lands whose image was built from something else, or too long ago, unless somebody has let
   * the gate pass on record; and no change is sent back whose image is fresh.
   */
  check(seed: number, events: readonly StoredEvent[]): Violation[] {
    if (!imagesOf(seed).image) return [];
    return events.flatMap((event, index): Violation[] => {
      const { stream, revision, type } = event;
      const of = events.slice(0, index).filter((each) => each.stream === stream);
      const wrong = (detail: string) => [{ invariant: 'I46', stream, revision, detail }];
      if (type === 'TaskLanded') {
        const { newOid } = event.data as unknown as TaskEventData['TaskLanded'];
        const isFresh = this.isFresh(of, newOid);
        return isFresh || isOverridden(of, 'check_image_fresh')
          ? []
          : wrong(`${newOid} landed, its image is not of it`);
      }
      if (type !== 'StageRolledBack') return [];
      const { gate, reason } = event.data as unknown as TaskEventData['StageRolledBack'];
      if (gate !== 'check_image_fresh' || reason === 'infra-exhausted') return [];
      const rebased = of.findLast((each) => each.type === 'BranchRebased')?.data as unknown as
        TaskEventData['BranchRebased'] | undefined;
      const oid = rebased?.newOid ?? '';
      return this.isFresh(of, oid) ? wrong(`${oid} was sent back, and its image is of it`) : [];
    });
  }

  private isFresh(before: readonly StoredEvent[], oid: string): boolean {
    const found = before.findLast(
      ({ type, data }) => type === 'EvidenceRecorded' && data['gate'] === 'check_image_fresh',
    )?.data as unknown as TaskEventData['EvidenceRecorded'] | undefined;
    const images = (found?.evidence['images'] ?? []) as readonly { readonly digest: string }[];
    const truths = images.map(({ digest }) => this.truths.get(digest));
    return truths.length > 0 && truths.every((truth) => truth?.oid === oid && !truth.isOld);
  }
}

/** As a builder leaves it. @param parts of which a configuration that is null is not there. */
function stored({ manifest, config }: Built | (Omit<Built, 'config'> & { readonly config: null })) {
  const index = JSON.stringify({ schemaVersion: 2, manifests: [descriptor(manifest)] });
  const [, configDigest = ''] = /"digest":"([^"]+)"/.exec(manifest.bytes.toString()) ?? [];
  const files = new Map<string, Uint8Array>([
    ['oci-layout', Buffer.from('{"imageLayoutVersion":"1.0.0"}')],
    ['index.json', Buffer.from(index)],
    [`blobs/${manifest.digest.replace(':', '/')}`, manifest.bytes],
    ...(config ? [[`blobs/${configDigest.replace(':', '/')}`, config.bytes] as const] : []),
  ]);
  return layoutOf((name) => {
    const bytes = files.get(name);
    const missing: ReportFault = { kind: 'fault', reason: 'no_report', evidence: [name] };
    return Promise.resolve(bytes ? { kind: 'read', bytes } : missing);
  });
}
