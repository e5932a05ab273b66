import { execFileSync } from 'node:child_process';
import { existsSync, readdirSync, renameSync, rmSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import type { Replica } from '../chaos/replica';
import type { Site } from '../chaos/site';
import type { Random } from '../simulation/random';

const PAUSE_MS = 700;
const ANSWER_WITHIN_MS = 5_000;
const NOTES = [
  'hello',
  '',
  '-1',
  '0',
  '1.5',
  '9'.repeat(40),
  '9223372036854775807',
  'x'.repeat(7_999),
  '{"position":1}',
];

/** Meddles with what surrounds the service: notifications that anybody may send, and files that suites can reach. */
export class Meddler {
  readonly counts = { notifications: 0, 'run logs replaced': 0 };
  readonly unexpected: string[] = [];

  constructor(
    private readonly site: Site,
    private readonly replicas: readonly Replica[],
    private readonly random: Random,
  ) {}

  async live(signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      await this.notify();
      if (this.random.chance(0.3)) await this.replaceARunLog();
      await delay(PAUSE_MS * this.random.between(0.3, 1.7));
    }
  }

  /** Made by whatever was planted in the service's own repositories, had git run it. */
  get hasCanary(): boolean {
    return existsSync(join(this.site.folder, 'canary'));
  }

  private async notify(): Promise<void> {
    const payload = this.random.pick(NOTES);
    await this.site.query(`select pg_notify('stagegate_events', '${payload}')`);
    this.counts.notifications += 1;
  }

  /** A pipe, a link or a device where the output of a run is kept: asked for, each has to be refused at once. */
  private async replaceARunLog(): Promise<void> {
    const { name, url } = this.random.pick(this.replicas);
    const logs = join(this.site.stateDir(name), 'logs');
    const file = existsSync(logs) ? readdirSync(logs).find((entry) => entry.endsWith('.log')) : undefined;
    if (file === undefined || url === null) return;
    const path = join(logs, file);
    renameSync(path, `${path}.kept`);
    const make = this.random.pick([
      () => execFileSync('mkfifo', [path]),
      () => {
        symlinkSync('/etc/passwd', path);
      },
      () => {
        symlinkSync('/dev/zero', path);
      },
    ]);
    make();
    try {
      const address = `${url}/v1/runs/${file.slice(0, -'.log'.length)}/log`;
      const { status } = await fetch(address, { signal: AbortSignal.timeout(ANSWER_WITHIN_MS) });
      if (status < 400) this.unexpected.push(`run log replaced: ${status}`);
      this.counts['run logs replaced'] += 1;
    } catch (error) {
      this.unexpected.push(`run log replaced: ${String(error)}`);
    } finally {
      rmSync(path);
      renameSync(`${path}.kept`, path);
    }
  }
}
