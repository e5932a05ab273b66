import { lacking } from '../domain/authority/needed-rights';
import { isWithin, type Principal } from '../domain/authority/principal';
import { parseTaskId } from '../domain/ids';
import { instant } from '../domain/instant';
import { parseLaneAlert } from '../domain/lane/pause-words';
import { askedAnew } from '../domain/subscriber/aside';
import { carried } from '../domain/subscriber/standing';
import type { DeadLetter, DeadLetters } from './ports/dead-letters';
import { RequestRefused } from './refusals';
import { quoted } from './secrets';
import { SubscriberRepository, type SubscriberRepositoryDeps } from './subscribers/subscriber-repository';

/** One of them, or both: the dead letters of an alert, of a sink, of an alert at a sink. */
export interface RedeliverRequest {
  readonly alert?: string | undefined;
  readonly sink?: string | undefined;
}

export interface RedeliverAnswer {
  /** What is tried anew, at once. */
  readonly items: readonly Pick<DeadLetter, 'sink' | 'alert'>[];
  /** Whether there are more: ask again when these are out. */
  readonly hasMore: boolean;
}

/** Each event of a subscriber's stream says all of them. */
const AT_ONCE = 100;
const MOST_TRIES = 5;

/** Has dead letters tried anew. Whoever delivers sees it in the log. */
export class Redelivery {
  constructor(private readonly deps: SubscriberRepositoryDeps & { readonly letters: DeadLetters }) {}

  /** @throws RequestRefused */
  async redeliver({ alert, sink }: RedeliverRequest, principal: Principal): Promise<RedeliverAnswer> {
    if (alert === undefined && sink === undefined)
      throw new RequestRefused(
        'invalid',
        'invalid-redelivery',
        'alert: expected an alert, a sink or both, saw neither; name one',
      );
    if (alert !== undefined && !isWithin(principal.projects, projectOf(alert))) throw noneOf(alert, sink);
    const lack = lacking(principal, 'RedeliverAlerts', alert === undefined ? null : projectOf(alert));
    if (lack !== null) throw new RequestRefused('forbidden', 'not-allowed', lack);
    const found = await this.deps.letters.find({ alert: alert ?? null, sink: sink ?? null }, AT_ONCE + 1);
    const letters = found.slice(0, AT_ONCE);
    if (letters.length === 0) throw noneOf(alert, sink);
    for (const name of new Set(letters.map(({ subscriber }) => subscriber)))
      await this.ask(
        name,
        letters.filter(({ subscriber }) => subscriber === name),
        principal,
      );
    return { items: letters.map((each) => ({ sink: each.sink, alert: each.alert })), hasMore: found.length > AT_ONCE };
  }

  private async ask(name: string, letters: readonly DeadLetter[], { name: by }: Principal): Promise<void> {
    const log = new SubscriberRepository(name, this.deps);
    const dead = letters.map(({ event, alert }) => ({ event, name: alert }));
    for (let tries = 0; tries < MOST_TRIES; tries += 1) {
      const known = await log.load();
      const { standing } = known.state;
      if (standing === null) break;
      const before = carried(standing);
      const aside = askedAnew(before.aside ?? [], dead, instant(this.deps.clock.now()));
      if (await log.append(known, { type: 'RedeliveryAsked', data: { ...before, aside, by } }, by)) return;
    }
    throw new RequestRefused('conflict', 'contended', `${name}: its stream moved meanwhile; ask again`);
  }
}

/** Of a key as alerts have it: what is none belongs to no project that anybody may operate. */
function projectOf(alert: string): string {
  const task = alert.slice(0, Math.max(0, alert.lastIndexOf('@')));
  return parseLaneAlert(alert)?.project ?? parseTaskId(task)?.project ?? quoted(alert);
}

function noneOf(alert: string | undefined, sink: string | undefined): RequestRefused {
  const of = alert === undefined ? '' : ' of this alert';
  const at = sink === undefined ? '' : ` at ${quoted(sink)}`;
  const text = `expected a dead letter${of}${at}, saw none; stagegate alerts deliveries lists them`;
  return new RequestRefused('unknown', 'no-dead-letter', text);
}
