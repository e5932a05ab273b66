import { REVERT_RULES } from '../../domain/gates/revert/revert-rules';
import {
  MERGE_RULES,
  type ExaminedLanding,
  type LandingFinding,
  type LandingKind,
} from '../../domain/landings/landing';
import type { AuditPlace } from '../../infrastructure/git/landings/audit-place';
import type { Tip } from '../../infrastructure/git/landings/landing-walk';
import { EXIT } from '../exit-codes';
import type { Output } from '../output';
import { dayOf, landingLines, SHORT_OID } from './landing-lines';

/** Of one finding; the commit itself has all of them. */
const MOST_LINES = 10;
/** Where no terminal shows how far it is, a line from time to time. */
const NOTE_EVERY_MS = 15_000;

interface Asked {
  readonly place: Pick<AuditPlace, 'gitDir' | 'isShallow'>;
  readonly tip: Tip;
  readonly limit: number | null;
}

const MERGE_VERSIONS = new Map<string, number>(Object.values(MERGE_RULES).map(({ id, version }) => [id, version]));

/** Counts and tells what is found while it is found. */
export class LandingsReport {
  isStopped = false;
  private readonly kinds: Record<LandingKind, number> = { clean: 0, 'by-hand': 0, commit: 0, octopus: 0, root: 0 };
  private readonly startedAt = performance.now();
  private notedAt = this.startedAt;
  private landings = 0;
  private findings = 0;
  private flagged = 0;
  private announced = 0;
  private unread = 0;
  private isCut = false;
  private firstUnread: string | null = null;
  private newest: string | null = null;
  private oldest: string | null = null;

  constructor(
    private readonly output: Output,
    private readonly asked: Asked,
  ) {
    if (asked.place.isShallow)
      output.warn('the clone is shallow: landings behind its end cannot be seen; git fetch --unshallow brings them');
  }

  take(examined: ExaminedLanding): void {
    const { landing, kind, findings, announced, unread } = examined;
    this.landings += 1;
    this.kinds[kind] += 1;
    this.newest ??= landing.at;
    this.oldest = landing.at ?? this.oldest;
    this.announced += announced.length > 0 ? 1 : 0;
    if (unread !== null) this.missed(examined, unread);
    if (findings.length > 0) this.flagged += 1;
    this.findings += findings.length;
    if (findings.length > 0) this.tell(examined);
    this.progress();
  }

  readonly cut = (): void => {
    this.isCut = true;
  };

  stop(): void {
    this.isStopped = true;
  }

  /** @param cutShort what ended it before its end. @returns the exit code. */
  end(cutShort: 'interrupted' | null): number {
    this.output.status?.hide();
    if (this.output.isJson) this.output.json({ summary: this.summary(cutShort) });
    else this.print(cutShort);
    return this.flagged > 0 || this.unread > 0 ? EXIT.unhealthy : EXIT.ok;
  }

  private missed({ landing }: ExaminedLanding, why: string): void {
    this.unread += 1;
    this.firstUnread ??= `${landing.oid.slice(0, SHORT_OID)}: ${why}`;
  }

  /** Printed as it is found, so that nothing has to be kept. */
  private tell({ landing, findings }: ExaminedLanding): void {
    if (this.output.isJson) {
      for (const { rule, path, undone, lines } of findings) {
        const shown = lines.slice(0, MOST_LINES);
        this.output.json({ landing, rule, ruleVersion: versionOf(rule), path, undone, lines: shown });
      }
      return;
    }
    for (const line of landingLines(landing, findings)) this.output.line(line);
    this.output.line('');
  }

  private progress(): void {
    const { status } = this.output;
    const text = `${this.landings} landings looked at, ${this.flagged} of them with findings`;
    if (status) status.show(text);
    else if (performance.now() - this.notedAt > NOTE_EVERY_MS) {
      this.notedAt = performance.now();
      this.output.note(text);
    }
  }

  private print(cutShort: string | null): void {
    const { output, findings, landings, flagged } = this;
    for (const line of this.lines()) output.line(line);
    const result = flagged === 0 ? 'nothing was undone without a word' : `${flagged} with findings, ${findings} files`;
    output.line(`${cutShort === null ? '' : `${cutShort}: `}${landings} landings looked at, ${result}`);
    if (this.isCut) output.note(`only the newest ${String(this.asked.limit)}; --limit all looks at the whole history`);
  }

  private lines(): readonly string[] {
    const { gitDir } = this.asked.place;
    const { clean, octopus, commit, root } = this.kinds;
    const byHand = this.kinds['by-hand'];
    return [
      `${gitDir}, branch ${this.asked.tip.name}${this.newest === null ? '' : `, ${dayOf(this.oldest)} to ${dayOf(this.newest)}`}`,
      `${clean + byHand} merges, ${byHand} of them resolved by hand; ${commit + root} commits with one parent or none`,
      ...(octopus > 0 ? [`${octopus} merges of more than two: only undone commits were looked for`] : []),
      ...(this.announced > 0
        ? [`${this.announced} landings are plain reverts, which say so or do nothing else: not counted`]
        : []),
      ...(this.unread > 0 ? [`${this.unread} landings could not be looked at; ${this.firstUnread ?? ''}`] : []),
    ];
  }

  private summary(cutShort: string | null): object {
    const { place, tip, limit } = this.asked;
    return {
      repository: place.gitDir,
      branch: tip.name,
      tip: tip.oid,
      newest: this.newest,
      oldest: this.oldest,
      landings: this.landings,
      kinds: this.kinds,
      flagged: this.flagged,
      findings: this.findings,
      announced: this.announced,
      unread: this.unread,
      firstUnread: this.firstUnread,
      isShallow: place.isShallow,
      limit,
      isCut: this.isCut,
      cutShort,
      durationMs: Math.round(performance.now() - this.startedAt),
    };
  }
}

function versionOf(id: LandingFinding['rule']): number | null {
  return REVERT_RULES.find((rule) => rule.id === id)?.version ?? MERGE_VERSIONS.get(id) ?? null;
}
