import type { Standings } from '../../../application/conductor/standings';
import type { KnownDamage } from '../../../application/known-damage';
import type { Clock } from '../../../application/ports/clock';
import type { EventStore } from '../../../application/ports/event-store';
import type { Facts } from '../../../application/ports/telemetry';
import type { Projects } from '../../../application/projects';
import type { Subscribers } from '../../../application/subscribers/subscribers';
import { LATE, within } from '../../../application/within';
import { epochMs } from '../../../domain/instant';
import type { ProjectionRunner } from '../../../projections/following/projection-runner';
import { readFigures, type Figures } from '../../../projections/queue/read-figures.query';
import type { ReadModels } from '../../../projections/read-models';
import { countRuns } from '../../../projections/runs/count-runs.query';
import { METRICS, type MetricKey } from '../../telemetry/metric-table';
import type { Metrics } from '../../telemetry/metrics';
import type { EventStreams } from '../events/event-streams';
import type { Readiness } from '../readiness';

export interface ScrapeDeps {
  readonly metrics: Metrics;
  readonly models: ReadModels;
  readonly projector: Pick<ProjectionRunner, 'lag'>;
  readonly subscribers: Pick<Subscribers, 'views'>;
  readonly standings: Pick<Standings, 'all'>;
  readonly projects: Projects;
  readonly damage: Pick<KnownDamage, 'all'>;
  readonly streams: Pick<EventStreams, 'count'>;
  readonly readiness: Readiness;
  readonly store: Pick<EventStore, 'info'>;
  readonly clock: Clock;
  readonly version: string;
}

type Values = Iterable<readonly [Facts, number]>;

/** A scraper waits for ten seconds, as a rule. */
const READ_WITHIN_MS = 5_000;
/** For projects that only the log knows: their number has no bound. */
const OTHERS = '(other)';

/** What an operator's monitoring is answered: nothing is counted here that something else counts already. */
export class Scrape {
  private reading: Promise<void> | null = null;

  constructor(private readonly deps: ScrapeDeps) {}

  get contentType(): string {
    return this.deps.metrics.contentType;
  }

  async text(): Promise<string> {
    this.tellProcess();
    // Several who ask at once share one look, and a server that stands still is asked once.
    this.reading ??= this.tellLog().finally(() => {
      this.reading = null;
    });
    const told = await within(this.deps.clock, READ_WITHIN_MS, this.reading).catch(() => LATE);
    if (told === LATE) this.forgetLog();
    this.set('readModels', [[{}, told === LATE ? 0 : 1]]);
    return this.deps.metrics.text();
  }

  private tellProcess(): void {
    const { readiness, damage, streams, projects, store, version } = this.deps;
    this.set('build', [[{ version, store: store.info.kind }, 1]]);
    const isReady = readiness.phase === 'ready' && readiness.waitingFor === null && !readiness.ground?.obstacle();
    this.set('ready', [[{}, isReady ? 1 : 0]]);
    this.set('damaged', [[{}, damage.all().length]]);
    this.set('streams', [[{}, streams.count]]);
    const aside = projects
      .all()
      .map(({ policy: { project } }) => [{ project }, projects.setAside(project) ? 1 : 0] as const);
    this.set('setAside', aside);
    this.tellStandings();
  }

  private tellStandings(): void {
    const [reasons, oldest] = [new Map<string, number>(), new Map<string, number>()];
    const now = this.deps.clock.now();
    for (const { project, stage, reason, stageSince } of this.deps.standings.all()) {
      const [why, where] = [`${project} ${reason}`, `${project} ${stage}`];
      reasons.set(why, (reasons.get(why) ?? 0) + 1);
      oldest.set(where, Math.max(oldest.get(where) ?? 0, (now - epochMs(stageSince)) / 1_000));
    }
    this.set('reasons', pairs(reasons, 'reason'));
    this.set('oldest', pairs(oldest, 'stage'));
  }

  private async tellLog(): Promise<void> {
    const { models, projector, subscribers } = this.deps;
    const figures = await readFigures(models);
    const runs = await countRuns(models);
    const lags = await projector.lag();
    const views = await subscribers.views();
    this.tellFigures(figures);
    this.set('runs', this.counted(runs.filter(({ outcome }) => outcome !== 'running')));
    this.set(
      'projectionLag',
      lags.map(({ projection, lagMs }) => [{ projection }, lagMs / 1_000]),
    );
    this.set(
      'projectionBehind',
      lags.map(({ projection, events }) => [{ projection }, events]),
    );
    this.set(
      'subscriberLag',
      views.map(({ name, lagMs }) => [{ subscriber: name }, lagMs / 1_000]),
    );
    this.set(
      'subscriberBehind',
      views.map(({ name, behind }) => [{ subscriber: name }, behind]),
    );
    this.set(
      'subscriberFailing',
      views.map(({ name, error }) => [{ subscriber: name }, error === null ? 0 : 1]),
    );
  }

  private tellFigures({ stages, claims, alerts, counts, tallies, lanes }: Figures): void {
    this.set('tasks', this.counted(stages));
    this.set('claims', this.counted(claims));
    this.set('alerts', this.counted(alerts));
    this.set(
      'mechanisms',
      this.named(counts, (name) => {
        const [mechanism = '', event = ''] = name.split('.');
        return { mechanism, event };
      }),
    );
    const tally = (kind: string, factsOf: (words: readonly string[]) => Facts) =>
      this.named(tallies, (name) => {
        const [first, ...words] = name.split(' ');
        return first === kind ? factsOf(words) : null;
      });
    this.set(
      'gates',
      tally('gate', ([gate = '', result = '']) => ({ gate, result })),
    );
    this.set(
      'retries',
      tally('retry', ([budget = '']) => ({ budget })),
    );
    this.set(
      'holds',
      tally('hold', ([reason = '']) => ({ reason })),
    );
    const ofLanes = (is: (lane: { grant: unknown; pause: unknown }) => boolean): Values =>
      [...lanes].map(([project, lane]) => [{ project: this.known(project) }, is(lane) ? 1 : 0]);
    this.set(
      'lanePaused',
      ofLanes(({ pause }) => pause !== null),
    );
    this.set(
      'laneHeld',
      ofLanes(({ grant }) => grant !== null),
    );
  }

  private forgetLog(): void {
    for (const [key, { source }] of Object.entries(METRICS)) if (source === 'log') this.set(key as MetricKey, []);
  }

  private counted(rows: readonly (Facts & { readonly count: number; readonly project: string })[]): Values {
    return rows.map(({ count, ...facts }) => [{ ...facts, project: this.known(facts.project) }, count]);
  }

  private *named(
    of: ReadonlyMap<string, Readonly<Record<string, number | undefined>>>,
    factsOf: (name: string) => Facts | null,
  ): Values {
    for (const [project, names] of of)
      for (const [name, count = 0] of Object.entries(names)) {
        const facts = factsOf(name);
        if (facts) yield [{ ...facts, project: this.known(project) }, count];
      }
  }

  private known(project: string): string {
    return this.deps.projects.get(project) ? project : OTHERS;
  }

  private set(key: MetricKey, values: Values): void {
    this.deps.metrics.replace(key, values);
  }
}

/** By project and one thing more, neither of which has a space in it. */
function pairs(counts: ReadonlyMap<string, number>, label: string): Values {
  return [...counts].map(([key, value]) => {
    const [project = '', name = ''] = key.split(' ');
    return [{ project, [label]: name }, value];
  });
}
